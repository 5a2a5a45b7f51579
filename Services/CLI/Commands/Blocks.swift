public import ArgumentParser
public import Console
import Metering

/// Usage by the hours in which a subscription's window counts.
struct Blocks<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "blocks", abstract: "Show usage by blocks of five hours, as usage windows count.")
    }

    /// How far back `--recent` goes.
    private static var recentDays: Int64 { 3 }

    @OptionGroup var shared: SharedOptions

    @Flag(name: .shortAndLong, help: "Show the block that still counts, with its projection.")
    var active = false

    @Flag(name: .shortAndLong, help: "Show the blocks of the last three days.")
    var recent = false

    @Option(name: .shortAndLong, help: "How many tokens a block may use, or max: as many as the largest so far.")
    var tokenLimit: TokenLimit?

    @Option(name: [.customShort("n"), .long], help: "How many hours a block lasts, in steps of 0.25.")
    var sessionLength = "5"

    /// What older scripts pass: a command of its own here.
    @Flag(help: .hidden)
    var live = false

    func validate() throws {
        if live { throw ValidationError("--live is a command of its own: tollbook live") }
    }

    func run() throws {
        if shared.timezone != nil { LocalClock.use(zone: shared.zone) }
        var client = try shared.server.connect()
        let page = try client.blocks(parameters)
        var list = BlockList(page, order: shared.order)
        if recent { list = list.since(Timestamp(seconds: page.now.seconds - Self.recentDays * 86_400)) }
        if active { list = list.active }
        if shared.printsJSON { return try shared.write(list.json(limit: tokenLimit, showsCost: shared.showsCost)) }
        guard active else { return draw(list) }
        guard let block = list.blocks.first else { return Terminal.report("No active session block found.") }
        Terminal.write(
            block.detail(
                at: list.now, limit: tokenLimit?.tokens(in: list), isColoured: shared.usesColour,
                showsCost: shared.showsCost, localTime: LocalClock.text))
    }

    private var parameters: [(name: String, value: String)] {
        // Codex and others have windows of their own; without an agent named, all of them make one row of blocks.
        let optional: [(name: String, value: String?)] = [
            ("hours", sessionLength), ("cost", shared.mode.serviceName), ("timezone", shared.zone),
            ("harness", Source.agent.map(HarnessName.harness)), ("since", shared.since?.description),
            ("until", shared.until?.description),
        ]
        return optional.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
    }

    private func draw(_ list: BlockList) {
        let isNarrow = (Terminal.columns ?? .max) < BlockList.Layout.compactBelow
        let layout = BlockList.Layout(
            isCompact: shared.compact || isNarrow, isColoured: shared.usesColour, showsCost: shared.showsCost,
            limit: tokenLimit)
        guard let text = list.text(layout, localTime: LocalClock.text) else {
            return Terminal.report("No \(Source.agent == "claude" ? "Claude " : "")usage data found.")
        }
        Terminal.write(text)
    }
}

extension TokenLimit: ExpressibleByArgument {
    /// Reads an argument of the command line.
    public init?(argument: String) {
        self.init(argument)
    }
}
