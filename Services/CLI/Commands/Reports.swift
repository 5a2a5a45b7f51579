import ArgumentParser
import Console

/// Whose usage a command is about.
protocol ReportSource {
    /// The agent by the name people's scripts know; `nil` for all.
    static var agent: String? { get }
}

/// All agents.
enum EveryAgent: ReportSource {
    static var agent: String? { nil }
}

struct Daily<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "daily", abstract: "Show usage and cost by day.")
    }

    @OptionGroup var options: ReportOptions

    @Flag(name: .shortAndLong, help: "Collect days under their projects.")
    var instances = false

    @Option(help: "Names of projects as the table is to show them: path=Name,other=Name.")
    var projectAliases: String?

    func run() throws {
        var special = ReportOptions.Special()
        special.instances = instances
        special.projectAliases = try aliases()
        try options.show(.daily, agent: Source.agent, special: special)
    }

    private func aliases() throws -> [String: String] {
        let pairs = (projectAliases ?? "").split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        guard pairs.allSatisfy({ $0.count == 2 }) else {
            throw ValidationError("--project-aliases must look like path=Name,other=Name")
        }
        return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { $1 }
    }
}

struct Weekly<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "weekly", abstract: "Show usage and cost by week.")
    }

    @OptionGroup var options: ReportOptions

    @Option(name: [.customShort("w"), .long], help: "The day a week begins with.")
    var startOfWeek = WeekStart.sunday

    func run() throws {
        var special = ReportOptions.Special()
        special.weekStart = startOfWeek.rawValue
        try options.show(.weekly, agent: Source.agent, special: special)
    }
}

/// The day a week begins with.
enum WeekStart: String, CaseIterable, ExpressibleByArgument {
    case sunday, monday, tuesday, wednesday, thursday, friday, saturday
}

struct Monthly<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "monthly", abstract: "Show usage and cost by month.")
    }

    @OptionGroup var options: ReportOptions

    func run() throws { try options.show(.monthly, agent: Source.agent) }
}

struct Session<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "session", abstract: "Show usage and cost by session, dearest first.")
    }

    @OptionGroup var options: ReportOptions

    @Option(name: .shortAndLong, help: "Show the calls of this session.")
    var id: String?

    func run() throws {
        guard let id else { return try options.show(.session, agent: Source.agent) }
        let shared = options.shared
        var client = try shared.server.connect()
        let harness = Source.agent.map(HarnessName.harness)
        let entries = try client.session(id, mode: shared.mode.serviceName, harness: harness)
        if shared.printsJSON { return try shared.write(entries?.json(showsCost: shared.showsCost) ?? .null) }
        guard let entries else { return Terminal.report("No session found with ID: \(id)") }
        Terminal.write(entries.text(showsCost: shared.showsCost))
    }
}
