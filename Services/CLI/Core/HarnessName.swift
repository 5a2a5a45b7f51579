/// How harnesses are called in reports.
public enum HarnessName {
    /// The agents that have commands of their own, by the names people's scripts know.
    public static let agents = [
        "claude", "codex", "opencode", "amp", "droid", "codebuff", "hermes", "pi", "goose", "kilo", "copilot", "gemini",
        "kimi", "qwen", "openclaw",
    ]

    private static let harnesses = ["claude": "claude-code", "gemini": "gemini-cli", "qwen": "qwen-code"]

    /// The name people's scripts know: `claude` for `claude-code`, `gemini` for `gemini-cli`.
    public static func agent(_ harness: String) -> String {
        harnesses.first { $0.value == harness }?.key ?? harness
    }

    /// The harness of an agent by the name that people's scripts know.
    public static func harness(_ agent: String) -> String { harnesses[agent] ?? agent }

    /// The name shown in tables.
    public static func label(_ harness: String) -> String {
        switch agent(harness) {
        case "claude": "Claude"
        case "codex": "Codex"
        case "opencode": "OpenCode"
        case "amp": "Amp"
        case "droid": "Droid"
        case "codebuff": "Codebuff"
        case "hermes": "Hermes"
        case "pi": "pi-agent"
        case "goose": "Goose"
        case "kilo": "Kilo"
        case "copilot": "GitHub Copilot CLI"
        case "gemini": "Gemini CLI"
        case "kimi": "Kimi"
        case "qwen": "Qwen"
        case "openclaw": "OpenClaw"
        default: harness
        }
    }
}
