import ArgumentParser

/// The command people type.
@main
struct Tollbook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook",
        abstract: "The auditable meter for coding agents: every model call counted once, priced, and explained.",
        subcommands: [
            Up.self, Daily.self, Weekly.self, Monthly.self, Session.self, Explain.self, Subscribe.self, Import.self,
            Ready.self,
        ],
        defaultSubcommand: Daily.self)
}
