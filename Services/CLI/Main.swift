import ArgumentParser

/// The command people type.
@main
struct Tollbook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook",
        abstract: "The auditable meter for coding agents: every model call counted once, priced, and explained.",
        subcommands: [
            Up.self, Daily<EveryAgent>.self, Weekly<EveryAgent>.self, Monthly<EveryAgent>.self,
            Session<EveryAgent>.self, Blocks<EveryAgent>.self, Live.self, Statusline.self, BudgetCommand.self,
            Explain.self, Reconcile.self, Subscribe.self, Import.self, Capture.self, Doctor.self, DeadLetters.self,
            Backup.self, Restore.self, Prices.self, Drift.self, Reprice.self, WhatIfCommand.self, Keys.self, Ready.self,
        ] + AgentCommands.all,
        defaultSubcommand: Daily<EveryAgent>.self)

    static func main() {
        do {
            // Asked for several times a second by a caller that waits: it does not wait for all other commands to be read.
            if CommandLine.arguments.dropFirst().first == "statusline" {
                let arguments = try ConfigurationFile.arguments(Array(CommandLine.arguments.dropFirst()))
                return Statusline.main(Array(arguments.dropFirst()))
            }
            main(try ConfigurationFile.arguments(Array(CommandLine.arguments.dropFirst())))
        } catch {
            exit(withError: error)
        }
    }
}
