/// Which harness wrote a session file, told by where it lies.
public enum HarnessGuess {
    /// The harness of a file; `nil` when its place says nothing.
    public static func harness(ofFile path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last else { return nil }
        if name.hasPrefix("rollout-") || follows(".codex", "sessions", in: parts) { return "codex" }
        if follows(".claude", "projects", in: parts) { return "claude-code" }
        if follows(".gemini", "tmp", in: parts) { return "gemini-cli" }
        if follows(".copilot", "session-state", in: parts) { return "copilot" }
        if follows("opencode", "storage", in: parts) { return "opencode" }
        // Claude Code names a project's folder after its path, with dashes for slashes; copies keep that name.
        if parts.dropLast().contains(where: { $0.hasPrefix("-") }), isClaudeSession(name, parts) {
            return "claude-code"
        }
        return nil
    }

    /// Whether a file found in a folder is worth sending: session files are JSON lines.
    public static func isSessionFile(_ path: String) -> Bool {
        path.hasSuffix(".jsonl")
    }

    private static func follows(_ first: String, _ second: String, in parts: [String]) -> Bool {
        zip(parts, parts.dropFirst()).contains { $0 == first && $1 == second }
    }

    private static func isClaudeSession(_ name: String, _ parts: [String]) -> Bool {
        guard name.hasSuffix(".jsonl") else { return false }
        let stem = name.dropLast(".jsonl".count)
        if stem.hasPrefix("agent-") { return true }
        return stem.split(separator: "-", omittingEmptySubsequences: false).map(\.count) == [8, 4, 4, 4, 12]
    }
}
