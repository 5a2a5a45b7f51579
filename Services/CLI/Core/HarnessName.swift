/// How harnesses are called in reports.
public enum HarnessName {
    /// The name people's scripts know: `claude` for `claude-code`, `gemini` for `gemini-cli`.
    public static func agent(_ harness: String) -> String {
        switch harness {
        case "claude-code": "claude"
        case "gemini-cli": "gemini"
        default: harness
        }
    }

    /// The name shown in tables.
    public static func label(_ harness: String) -> String {
        switch harness {
        case "claude-code": "Claude"
        case "codex": "Codex"
        case "copilot": "GitHub Copilot CLI"
        case "gemini-cli": "Gemini CLI"
        case "opencode": "OpenCode"
        default: harness
        }
    }
}
