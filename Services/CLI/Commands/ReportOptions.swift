public import ArgumentParser
public import Console
import LocalHTTP
public import Metering
import Settings

/// The flags that all reports have in common, as people know them from ccusage.
struct SharedOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print JSON in the shape of ccusage.")
    var json = false

    @Option(help: "Filter the JSON with jq; implies --json.")
    var jq: String?

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

    @Option(name: .shortAndLong, help: "asc or desc.")
    var order = UsageReport.Order.asc

    @Flag(help: "Leave out cache columns and the total, as on narrow terminals.")
    var compact = false

    @Flag(help: "Leave out costs.")
    var noCost = false

    @Flag(inversion: .prefixedNo, help: "Use colours; by default as NO_COLOR, FORCE_COLOR and the terminal say.")
    var color: Bool?

    @Option(help: "A configuration file as ccusage has it; by default .ccusage/ccusage.json, then the user's.")
    var config: String?

    @OptionGroup var accepted: AcceptedOptions
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

    /// Whether JSON is wanted.
    var printsJSON: Bool { json || jq != nil }

    /// The zone that days are cut in, by name; `nil` where this machine's has none.
    var zone: String? { timezone ?? LocalClock.zoneName }

    /// Whether costs are shown.
    var showsCost: Bool { !noCost }

    /// Whether colours are used.
    var usesColour: Bool { color ?? Terminal.usesColour }

    func validate() throws {
        if let since, let until, since > until { throw ValidationError("--since must not lie after --until") }
    }

    /// Prints a document, through jq where a filter is given.
    func write(_ document: JSONDocument) throws {
        try JSONFilter.write(document.prettyText, through: jq)
    }

    /// Says on standard error which models' costs are missing.
    func warn(_ models: [String]) {
        guard Terminal.showsWarnings, showsCost else { return }
        for model in models { Terminal.report("WARN Missing pricing for \(model); cost excludes this model") }
    }
}

/// Flags that scripts for ccusage pass and that need nothing done: prices are always on this machine, numbers have one
/// form, and one thread is enough.
struct AcceptedOptions: ParsableArguments {
    @Flag(name: .customShort("O"), help: .hidden) var isOfflineShort = false
    @Flag(inversion: .prefixedNo, help: .hidden) var offline = true
    @Flag(name: .shortAndLong, help: .hidden) var debug = false
    @Option(help: .hidden) var debugSamples: Int?
    @Flag(help: .hidden) var singleThread = false
    @Option(name: [.customShort("l"), .long], help: .hidden) var locale: String?
}

/// The flags of reports by day, week, month and session.
struct ReportOptions: ParsableArguments {
    @OptionGroup var shared: SharedOptions

    @Flag(name: .shortAndLong, help: "Add a row for each model.")
    var breakdown = false

    @Option(name: .shortAndLong, help: "Count this project only.")
    var project: String?

    /// Asks the query service and prints what it answers.
    func show(_ kind: ReportKind, agent: String?, special: Special = Special()) throws {
        let family = JSONFamily(agent: agent)
        let isByProject = special.instances || (kind == .daily && project != nil)
        var request = UsageRequest(
            kind: kind, since: shared.since, until: shared.until, timeZone: shared.zone, cost: shared.mode.serviceName)
        request.harness = agent.map(HarnessName.harness)
        request.project = project
        request.isByProject = isByProject
        request.weekStart = special.weekStart
        var client = try shared.server.connect()
        let report = UsageReport(
            kind: kind, cells: try client.usage(request), order: shared.order,
            isByProject: isByProject || (kind == .session && family != .unified))
        defer { shared.warn(report.modelsWithoutCost) }
        if shared.printsJSON {
            return try shared.write(
                report.json(family, isByProject: special.instances, showsCost: shared.showsCost))
        }
        try draw(report, agent, special)
    }

    private func draw(_ report: UsageReport, _ agent: String?, _ special: Special) throws {
        let isNarrow = (Terminal.columns ?? .max) < UsageReport.Layout.compactBelow
        var layout = UsageReport.Layout(
            isCompact: shared.compact || isNarrow, showsBreakdown: breakdown, isColoured: shared.usesColour)
        layout.family = JSONFamily(agent: agent)
        layout.showsCost = shared.showsCost
        layout.isByProject = special.instances
        layout.projectAliases = special.projectAliases
        let label = agent.map { HarnessName.label(HarnessName.harness($0)) }
        layout.subject = agent == "claude" ? "Claude Code" : label
        guard let text = report.text(layout) else {
            return Terminal.report("No \(label.map { $0 + " " } ?? "")usage data found.")
        }
        Terminal.write(text)
        if layout.isCompact, !shared.compact, Terminal.showsWarnings {
            Terminal.report("\nA wider terminal shows cache tokens and totals too.")
        }
    }

    /// What single reports add.
    struct Special {
        var instances = false
        var projectAliases: [String: String] = [:]
        var weekStart: String?
    }
}

/// Where the query service answers.
struct ServerOption: ParsableArguments {
    @Option(help: "Where the query service answers.")
    var server = Environment.value("TOLLBOOK_SERVER", default: HTTPAddress(port: 7100))

    func connect(timeout: Duration = .seconds(30)) throws -> QueryClient {
        try Environment.validate()
        return QueryClient(address: server, timeout: timeout)
    }
}

extension CivilDay: ExpressibleByArgument {
    /// Reads an argument of the command line.
    public init?(argument: String) {
        self.init(argument)
    }
}

extension UsageReport.Order: ExpressibleByArgument {}
