import ArgumentParser

/// The reports of one agent: `tollbook claude daily`, `tollbook codex session`, ...
struct AgentCommand<Source: ReportSource>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let agent = Source.agent ?? ""
        return CommandConfiguration(
            commandName: agent, abstract: "Reports of \(agent) alone.",
            shouldDisplay: agent == "claude" || agent == "codex",
            subcommands: [
                Daily<Source>.self, Weekly<Source>.self, Monthly<Source>.self, Session<Source>.self,
                Blocks<Source>.self,
                Statusline.self,
            ],
            defaultSubcommand: Daily<Source>.self)
    }
}

enum Claude: ReportSource { static var agent: String? { "claude" } }
enum Codex: ReportSource { static var agent: String? { "codex" } }
enum OpenCode: ReportSource { static var agent: String? { "opencode" } }
enum Amp: ReportSource { static var agent: String? { "amp" } }
enum Droid: ReportSource { static var agent: String? { "droid" } }
enum Codebuff: ReportSource { static var agent: String? { "codebuff" } }
enum Hermes: ReportSource { static var agent: String? { "hermes" } }
enum PiAgent: ReportSource { static var agent: String? { "pi" } }
enum Goose: ReportSource { static var agent: String? { "goose" } }
enum Kilo: ReportSource { static var agent: String? { "kilo" } }
enum Copilot: ReportSource { static var agent: String? { "copilot" } }
enum Gemini: ReportSource { static var agent: String? { "gemini" } }
enum Kimi: ReportSource { static var agent: String? { "kimi" } }
enum Qwen: ReportSource { static var agent: String? { "qwen" } }
enum OpenClaw: ReportSource { static var agent: String? { "openclaw" } }

/// The commands of all agents.
enum AgentCommands {
    static let all: [any ParsableCommand.Type] = [
        AgentCommand<Claude>.self, AgentCommand<Codex>.self, AgentCommand<OpenCode>.self, AgentCommand<Amp>.self,
        AgentCommand<Droid>.self, AgentCommand<Codebuff>.self, AgentCommand<Hermes>.self, AgentCommand<PiAgent>.self,
        AgentCommand<Goose>.self, AgentCommand<Kilo>.self, AgentCommand<Copilot>.self, AgentCommand<Gemini>.self,
        AgentCommand<Kimi>.self, AgentCommand<Qwen>.self, AgentCommand<OpenClaw>.self,
    ]
}
