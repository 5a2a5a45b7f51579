public import ArgumentParser
public import Console
import FoundationEssentials
import LocalHTTP
public import Metering
import Settings

struct Daily: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show usage and cost by day.")
    @OptionGroup var options: ReportOptions

    func run() throws { try options.show(.daily) }
}

struct Weekly: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show usage and cost by week.")
    @OptionGroup var options: ReportOptions

    func run() throws { try options.show(.weekly) }
}

struct Monthly: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show usage and cost by month.")
    @OptionGroup var options: ReportOptions

    func run() throws { try options.show(.monthly) }
}

struct Session: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show usage and cost by session, dearest first.")
    @OptionGroup var options: ReportOptions

    func run() throws { try options.show(.session) }
}

/// The flags people know from ccusage.
struct ReportOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print JSON in the shape of ccusage.")
    var json = false

    @Option(name: .shortAndLong, help: "The first day, YYYYMMDD or YYYY-MM-DD.")
    var since: CivilDay?

    @Option(name: .shortAndLong, help: "The last day, counted in.")
    var until: CivilDay?

    @Option(
        name: [.customShort("z"), .long],
        help: "The IANA time zone that days are cut in, such as Europe/Berlin; by default this machine's.")
    var timezone: String?

    @Option(
        name: .shortAndLong,
        help: """
            Which cost: auto (reported by the agent where it is, else computed), calculate (from list prices), \
            display (as reported).
            """)
    var mode = CostMode.auto

    @Flag(name: .shortAndLong, help: "Add a row for each model.")
    var breakdown = false

    @Option(name: .shortAndLong, help: "asc or desc.")
    var order = UsageReport.Order.asc

    @Flag(help: "Leave out cache columns and the total, as on narrow terminals.")
    var compact = false

    @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR and the terminal say.")
    var color: Bool?

    // Prices are always on this machine, and numbers have one form; scripts written for ccusage pass these.
    @Flag(name: .customShort("O"), help: .hidden)
    var isOfflineShort = false
    @Flag(inversion: .prefixedNo, help: .hidden)
    var offline = true
    @Option(help: .hidden)
    var locale: String?

    @OptionGroup var server: ServerOption

    enum CostMode: String, CaseIterable, ExpressibleByArgument {
        case auto
        case calculate
        case display

        /// What the query service calls it.
        var serviceName: String {
            switch self {
            case .auto: "auto"
            case .calculate: "computed"
            case .display: "reported"
            }
        }
    }

    private static var localZone: String? {
        ZoneName.local(
            variable: Environment.text("TZ"),
            localtimeTarget: try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime"))
    }

    func show(_ kind: ReportKind) throws {
        let request = UsageRequest(
            kind: kind, since: since, until: until, timeZone: timezone ?? Self.localZone, cost: mode.serviceName
        )
        var client = try server.connect()
        let report = UsageReport(kind: kind, cells: try client.usage(request), order: order)
        if json {
            Terminal.write(report.json.prettyText)
            return
        }
        let isNarrow = (Terminal.columns ?? .max) < UsageReport.Layout.compactBelow
        let layout = UsageReport.Layout(
            isCompact: compact || isNarrow, showsBreakdown: breakdown, isColoured: color ?? Terminal.usesColour)
        guard let text = report.text(layout) else { return Terminal.report("No usage data found.") }
        Terminal.write(text)
        for model in report.modelsWithoutCost {
            Terminal.report("WARN Missing pricing for \(model); its tokens are counted, its cost is not in the sums")
        }
        if layout.isCompact, !compact { Terminal.report("\nA wider terminal shows cache tokens and totals too.") }
    }
}

/// Where the query service answers.
struct ServerOption: ParsableArguments {
    @Option(help: "Where the query service answers.")
    var server = Environment.value("TOLLBOOK_SERVER", default: HTTPAddress(port: 7100))

    func connect() throws -> QueryClient {
        try Environment.validate()
        return QueryClient(address: server)
    }
}

extension CivilDay: ExpressibleByArgument {
    /// Reads an argument of the command line.
    public init?(argument: String) {
        self.init(argument)
    }
}

extension UsageReport.Order: ExpressibleByArgument {}
