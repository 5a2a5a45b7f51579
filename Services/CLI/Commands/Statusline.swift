public import ArgumentParser
public import Console
import Dispatch
import FoundationEssentials
import Glibc
import LocalHTTP
import Metering
import Synchronization
import WallClock

/// The line under Claude Code's prompt: what this session, this day and this block cost.
///
/// It is asked for several times a second and its caller waits, so it has a deadline of its own: what the query service has
/// not answered by then is left out, and the command ends well all the same.
struct Statusline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statusline",
        abstract: "Print one line for Claude Code's status line; reads its JSON on standard input.",
        discussion: """
            In ~/.claude/settings.json: {"statusLine": {"type": "command", "command": "tollbook statusline"}}
            """)

    /// How long everything may take.
    private static let deadline = DispatchTimeInterval.milliseconds(250)

    @Option(help: "Whose cost of the session: auto (Claude Code's, else ours), cc, tollbook (or ccusage), both.")
    var costSource = StatusLine.CostSource.auto

    @Option(name: [.customShort("B"), .long], help: "How the burn rate is marked: off, emoji, text, emoji-text.")
    var visualBurnRate = StatusLine.BurnRateMark.off

    @Option(help: "Context use below this many percent is green.")
    var contextLowThreshold: Int64 = 50

    @Option(help: "Context use from this many percent on is red.")
    var contextMediumThreshold: Int64 = 80

    @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR, FORCE_COLOR and the terminal say.")
    var color: Bool?

    // Answers come from kept sums: there is nothing to cache and no price to fetch.
    @Flag(inversion: .prefixedNo, help: .hidden) var cache = true
    @Option(help: .hidden) var refreshInterval: Int?
    @Option(help: .hidden) var config: String?
    @OptionGroup var accepted: AcceptedOptions
    @OptionGroup var server: ServerOption

    func validate() throws {
        let range: ClosedRange<Int64> = 0...100
        guard range.contains(contextLowThreshold), range.contains(contextMediumThreshold),
            contextLowThreshold < contextMediumThreshold
        else {
            throw ValidationError("--context-low-threshold must be less than --context-medium-threshold, both 0 to 100")
        }
    }

    func run() throws {
        let box = StatusBox()
        let client = server.server
        let finished = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            box.set(hook: Self.readHook())
            box.set(ledger: Self.ask(client, session: box.hook.session))
            finished.signal()
        }
        _ = finished.wait(timeout: .now() + Self.deadline)
        var options = StatusLine.Options()
        options.costSource = costSource
        options.burnRateMark = visualBurnRate
        options.contextLow = contextLowThreshold
        options.contextMedium = contextMediumThreshold
        options.isColoured = color ?? Terminal.usesColour
        Terminal.write(box.line.text(options) + "\n")
        // The thread may still wait for the service or for its input; nobody waits for it.
        Glibc.exit(0)
    }

    /// What came on standard input; nothing where a person calls the command by hand.
    private static func readHook() -> StatusHook {
        guard isatty(STDIN_FILENO) == 0 else { return StatusHook() }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < 1 << 20 {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return (try? StatusHook(json: bytes)) ?? StatusHook()
    }

    private static func ask(_ address: HTTPAddress, session: String?) -> StatusLine.Answer {
        do {
            return .figures(try figures(address, session: session))
        } catch is Failure {
            return .refusal
        } catch {
            return .nothing
        }
    }

    private static func figures(_ address: HTTPAddress, session: String?) throws -> StatusLine.Figures {
        var client = QueryClient(address: address, timeout: .milliseconds(240))
        let now = Timestamp.now
        let day = LocalClock.day(now).description
        var today = [("harness", "claude-code"), ("since", day), ("until", day)]
        if let zone = LocalClock.zoneName { today.append(("timezone", zone)) }
        let block = try client.blocks([("harness", "claude-code"), ("active", "true")])
        return StatusLine.Figures(
            session: try session.map { try client.totals([("session", $0)]) }, today: try client.totals(today),
            block: block.blocks.first, now: block.now)
    }
}

/// What the thread that asks has found so far.
private final class StatusBox: Sendable {
    private let state = Mutex(StatusLine(hook: StatusHook(), ledger: .nothing))

    var line: StatusLine { state.withLock { $0 } }
    var hook: StatusHook { state.withLock { $0.hook } }

    func set(hook: StatusHook) {
        state.withLock { $0.hook = hook }
    }

    func set(ledger: StatusLine.Answer) {
        state.withLock { $0.ledger = ledger }
    }
}

extension StatusLine.CostSource: ExpressibleByArgument {}
extension StatusLine.BurnRateMark: ExpressibleByArgument {}
