/// The forms of JSON that ccusage prints, by what it is asked about.
public enum JSONFamily: Hashable, Sendable {
    /// Of all agents: rows with `period` and `agent`.
    case unified
    /// Of Claude Code alone, which also was the form of everything before agents were told apart.
    case claude
    /// Of Codex alone: `costUSD`, and models as an object.
    case codex
    /// Of another agent alone: Claude Code's form with `messageCount`.
    case agent

    /// The form for the command of an agent; `nil` stands for all agents.
    public init(agent: String?) {
        switch agent {
        case nil: self = .unified
        case "claude": self = .claude
        case "codex": self = .codex
        default: self = .agent
        }
    }
}
