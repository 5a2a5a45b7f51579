public import ArgumentParser
public import Console
import Glibc
import LocalHTTP
import Metering
import Supervision
import WallClock

struct Live: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch usage while it happens: today, by model, the last calls, the burn rate.",
        discussion: "Into a pipe it prints a line whenever something changed.")

    @Option(help: "Seconds between two looks.")
    var refresh = 1

    @Option(name: [.customShort("z"), .long], help: "The IANA time zone of the day; by default this machine's.")
    var timezone: String?

    @Option(help: "What the table is cut by: model, harness, project, session.")
    var by = LiveView.Grouping.model

    @Flag(help: "Look once and end.")
    var once = false

    @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR, FORCE_COLOR and the terminal say.")
    var color: Bool?

    @OptionGroup var server: ServerOption

    func validate() throws {
        guard (1...3600).contains(refresh) else { throw ValidationError("--refresh must be 1 to 3600 seconds") }
    }

    func run() throws {
        LocalClock.use(zone: timezone)
        var watch = LiveWatch(
            client: try server.connect(timeout: .seconds(2)), zone: timezone ?? LocalClock.zoneName, grouping: by)
        StopRequest.listen()
        if once {
            try watch.lookOrFail()
            guard Terminal.isInteractive else {
                Terminal.write(Self.line(watch.view))
                return
            }
            Terminal.write(frame(watch.view, (Terminal.columns ?? 80, 40)).joined(separator: "\n") + "\n")
        } else if let screen = RawTerminal() {
            defer { screen.restore() }
            follow(&watch, on: screen)
        } else {
            try print(&watch)
        }
    }

    private func follow(_ watch: inout LiveWatch, on screen: RawTerminal) {
        var lastLook: ContinuousClock.Instant?
        while StopRequest.count == 0 {
            if lastLook.map({ ContinuousClock.now - $0 >= .seconds(refresh) }) ?? true {
                watch.look()
                lastLook = .now
            }
            screen.draw(frame(watch.view, screen.size))
            for key in KeyPress.read(screen.keys(within: 200)) {
                switch key {
                case .quit: return
                case .up: watch.view.scrollBy(-1)
                case .down: watch.view.scrollBy(1)
                case .pageUp: watch.view.scrollBy(-10)
                case .pageDown: watch.view.scrollBy(10)
                case .left, .right:
                    watch.view.grouping = watch.view.grouping.next(key == .left ? -1 : 1)
                    lastLook = nil
                }
            }
        }
    }

    private func print(_ watch: inout LiveWatch) throws {
        try watch.lookOrFail()
        var shown: Int64?
        while StopRequest.count == 0 {
            if shown != watch.sequence {
                guard Terminal.write(Self.line(watch.view)) else { return }
                shown = watch.sequence
            }
            for _ in 0..<refresh * 10 where StopRequest.count == 0 { usleep(100_000) }
            watch.look()
            if let trouble = watch.view.trouble, shown != nil {
                Terminal.report(trouble)
                shown = nil
            }
        }
    }

    private static func line(_ view: LiveView) -> String { "\(LocalClock.text(Timestamp.now))  \(view.summary)\n" }

    private func frame(_ view: LiveView, _ size: (columns: Int, lines: Int)) -> [String] {
        let now = Timestamp.now
        return view.frame(
            columns: size.columns, lines: size.lines, isColoured: color ?? Terminal.usesColour,
            clock: "\(LocalClock.day(now)) \(LocalClock.timeOfDay(now))",
            // A call of another day, imported just now, is told by its day.
            timeOfDay: { time in
                let day = LocalClock.day(time)
                return day == LocalClock.day(now) ? LocalClock.timeOfDay(time) : day.description.dropFirst(5) + "   "
            })
    }
}

extension LiveView.Grouping: ExpressibleByArgument {}

/// Asks the query service for what the live view shows.
private struct LiveWatch: ~Copyable {
    /// How many of the past calls are shown at first.
    private static let pastCalls: Int64 = 50
    /// The most changes of one look.
    private static let pageSize = 1000

    private var client: QueryClient
    private let zone: String?
    var view = LiveView()
    /// The number of the last change seen.
    private(set) var sequence: Int64?
    private var epoch: String?

    init(client: consuming QueryClient, zone: String?, grouping: LiveView.Grouping) {
        self.client = client
        self.zone = zone
        view.grouping = grouping
    }

    /// Looks; what goes wrong is shown until the next look succeeds.
    mutating func look() {
        do {
            try lookOrFail()
        } catch {
            view.trouble = "\(error)"
        }
    }

    mutating func lookOrFail() throws {
        let day = LocalClock.day(Timestamp.now).description
        var parameters = [
            ("group_by", view.grouping.rawValue), ("since", day), ("until", day), ("limit", "1000"),
        ]
        if let zone { parameters.append(("timezone", zone)) }
        let page = try UsagePage(json: try client.get("/v1/usage" + QueryString.encode(parameters)).body)
        view.update(cells: page.cells, totals: page.totals, blocks: try client.blocks([("active", "true")]))
        try catchUp()
    }

    private mutating func catchUp() throws {
        if let sequence, case .page(let page) = try client.changes(after: sequence, limit: Self.pageSize),
            page.epoch == epoch, page.last - sequence <= Self.pageSize
        {
            return try take(page)
        }
        // New to this ledger, or too far behind to show everything, or what follows was removed because it was old.
        let page = try client.newestChanges(Self.pastCalls, limit: Self.pageSize)
        epoch = page.epoch
        try take(page)
    }

    private mutating func take(_ page: ChangePage) throws {
        view.add(try page.changes.map { try LiveCall(json: $0) })
        sequence = page.last
    }
}
