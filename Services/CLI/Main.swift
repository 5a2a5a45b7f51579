import ArgumentParser
import Settings

/// The command people type.
@main
struct Tollbook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook",
        abstract: "The auditable meter for coding agents: every model call counted once, priced, and explained.",
        version: Release.version, subcommands: asked.map { [$0] } ?? all, defaultSubcommand: Daily<EveryAgent>.self)

    private static let all: [any ParsableCommand.Type] =
        [
            Up.self, Daily<EveryAgent>.self, Weekly<EveryAgent>.self, Monthly<EveryAgent>.self,
            Session<EveryAgent>.self, Blocks<EveryAgent>.self, Live.self, Statusline.self, BudgetCommand.self,
            Explain.self, Reconcile.self, Subscribe.self, Import.self, Capture.self, Doctor.self, DeadLetters.self,
            Backup.self, Restore.self, Prices.self, Drift.self, Reprice.self, WhatIfCommand.self, Keys.self, Ready.self,
        ] + AgentCommands.all

    /// The command that the first argument names; `nil` when it names none.
    ///
    /// A status line asks several times a second, and reading what more than a hundred other commands take would be half of its time.
    private static let asked = CommandLine.arguments.dropFirst().first.flatMap { name in
        all.first { $0.configuration.commandName == name }
    }

    static func main() {
        do {
            let typed = Array(CommandLine.arguments.dropFirst())
            // As ccusage has it; the library knows the long form alone.
            main(typed == ["-v"] ? ["--version"] : try ConfigurationFile.arguments(typed))
            try Terminal.checkOutput()
        } catch {
            exit(withError: error)
        }
    }
}
