/// The grammar of model names: what is taken off a reported name, step by step, before it is looked up exactly.
///
/// Every step is named and keeps what it takes off, so that a name can be explained and nothing is thrown away
/// blindly. What picks a price (`-fast`, `:free`) is never taken off as decoration.
public struct ModelName: Hashable, Sendable {
    /// The name as reported.
    public let reported: String
    /// The name without white space around it, in lower case, and without a resource path.
    public let text: String
    /// The platform that the name's form tells, such as `bedrock` for an ARN.
    public private(set) var platform: String?
    /// The cloud region that the name tells.
    public private(set) var region: String?
    /// The steps taken so far.
    public private(set) var rules: [String] = []

    /// Reads a name.
    public init(_ reported: String) {
        self.reported = reported
        var text = String(reported.trimmed).lowercased()
        if text.hasPrefix("arn:"), let slash = text.lastIndex(of: "/") {
            let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            if fields.count > 3, fields[2] == "bedrock", !fields[3].isEmpty { region = String(fields[3]) }
            platform = "bedrock"
            rules.append("arn")
            text = String(text[text.index(after: slash)...])
        } else if let path = text.dropping(through: "publishers/"), let name = path.dropping(through: "/models/") {
            platform = "vertex"
            rules.append("resource")
            text = String(name)
        } else if text.hasPrefix("models/") {
            rules.append("resource")
            text = String(text.dropFirst("models/".count))
        } else if Self.hasBedrockForm(text) {
            platform = "bedrock"
        } else if text.contains("@"), !text.hasPrefix("@") {
            platform = "vertex"
        }
        self.text = text
    }

    /// Whether the name marks an entry that a harness wrote itself, without a model.
    public var isSynthetic: Bool { text == "<synthetic>" }

    /// A name to look up, with the steps that led to it.
    public struct Candidate: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The steps, in order.
        public var rules: [String]
        /// A speed that the name picks.
        public var speed: String?
    }

    /// The names to look up for `name`, from the fullest to the barest.
    public static func candidates(for name: String) -> [Candidate] {
        var candidates: [Candidate] = []
        var rules: [String] = []
        var current = Substring(name)
        while true {
            candidates.append(Candidate(name: String(current), rules: rules))
            for (variant, rule) in spellings(of: String(current)) {
                candidates.append(Candidate(name: variant, rules: rules + [rule]))
            }
            guard let (shorter, rule) = withoutDecoration(current), !shorter.isEmpty else { break }
            rules.append(rule)
            current = shorter
        }
        if let base = current.dropping(suffix: "-fast") {
            for name in [String(base)] + spellings(of: String(base)).map(\.0) {
                candidates.append(Candidate(name: name, rules: rules + ["fast"], speed: "fast"))
            }
        }
        return candidates
    }

    /// Takes one decoration off the end of a name.
    private static func withoutDecoration(_ name: Substring) -> (Substring, String)? {
        if name.hasSuffix("]"), let open = name.lastIndex(of: "[") {
            return (name[..<open].trimmedEnd, "context")
        }
        if name.hasSuffix(")"), let open = name.lastIndex(of: "("),
            efforts.contains(String(name[name.index(after: open)...].dropLast()))
        {
            return (name[..<open].trimmedEnd, "effort")
        }
        if let base = withoutVersion(name) { return (base, "version") }
        if let base = withoutSnapshot(name) { return (base, "snapshot") }
        if hasEfforts(name), let dash = name.lastIndex(of: "-"),
            efforts.contains(String(name[name.index(after: dash)...]))
        {
            return (name[..<dash], "effort")
        }
        if isClaude(name), let base = name.dropping(suffix: "-thinking") { return (base, "effort") }
        return nil
    }

    /// Takes a host's version off: `-v1:0`, `-v1`, `:0`.
    private static func withoutVersion(_ name: Substring) -> Substring? {
        var base = name
        if let colon = base.lastIndex(of: ":"), base[base.index(after: colon)...].isDigits { base = base[..<colon] }
        if let mark = base.lastIndex(of: "-"), base[mark...].hasPrefix("-v"), base[mark...].dropFirst(2).isDigits,
            hasBedrockForm(String(base))
        {
            base = base[..<mark]
        }
        return base.endIndex == name.endIndex ? nil : base
    }

    /// Takes a snapshot off: `@20250929`, `@default`, `-20250929`, `-2025-09-29`, Gemini's `-001`.
    private static func withoutSnapshot(_ name: Substring) -> Substring? {
        if let at = name.lastIndex(of: "@") {
            let mark = name[name.index(after: at)...]
            return mark == "default" || mark == "latest" || mark.isDigits ? name[..<at] : nil
        }
        guard let dash = name.lastIndex(of: "-") else { return nil }
        let last = name[name.index(after: dash)...]
        if isDate(last, digits: 8) { return name[..<dash] }
        if last.utf8.count == 3, last.isDigits, last.hasPrefix("0"), name.hasPrefix("gemini-") { return name[..<dash] }
        let dashed = name.suffix(11)
        if dashed.utf8.count == 11, dashed.first == "-" {
            let digits = dashed.filter { $0 != "-" }
            if dashed.split(separator: "-").map(\.utf8.count) == [4, 2, 2], isDate(Substring(digits), digits: 8) {
                return name.dropLast(11)
            }
        }
        return nil
    }

    private static func isDate(_ text: Substring, digits: Int) -> Bool {
        guard text.utf8.count == digits, text.isDigits, text.hasPrefix("20"), let number = Int(text) else {
            return false
        }
        return (1...12).contains(number / 100 % 100) && (1...31).contains(number % 100)
    }

    /// Other ways to spell a version: `4.6` and `4-6`, `claude-4.6-opus` and `claude-opus-4-6`.
    private static func spellings(of name: String) -> [(String, String)] {
        var spellings: [(String, String)] = []
        let hyphened = name.replacingVersionMark(".", with: "-")
        if hyphened != name { spellings.append((hyphened, "spelling")) }
        if let reordered = reordered(hyphened) { spellings.append((reordered, "order")) }
        let dotted = name.replacingVersionMark("-", with: ".")
        if dotted != name { spellings.append((dotted, "spelling")) }
        return spellings
    }

    private static func reordered(_ name: String) -> String? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "claude" else { return nil }
        guard let family = parts.firstIndex(where: { claudeFamilies.contains(String($0)) }), family > 1 else {
            return nil
        }
        guard parts[1..<family].allSatisfy(\.isDigits) else { return nil }
        return ([parts[0], parts[family]] + parts[1..<family] + parts[(family + 1)...]).joined(separator: "-")
    }

    private static let claudeFamilies: Set<String> = ["opus", "sonnet", "haiku", "fable", "mythos"]
    private static let efforts: Set<String> = ["none", "minimal", "low", "medium", "high", "xhigh"]

    /// Whether an effort may follow the name; elsewhere `-medium` is another model, as in `mistral-medium`.
    private static func hasEfforts(_ name: Substring) -> Bool {
        let bare = name.split(separator: "/").last ?? name
        let isReasoningSeries = bare.first == "o" && bare.dropFirst().first?.isNumber == true
        return isReasoningSeries || ["gpt-", "claude-", "gemini-", "grok-", "codex-"].contains { bare.hasPrefix($0) }
    }

    private static func isClaude(_ name: Substring) -> Bool {
        (name.split(separator: "/").last ?? name).hasPrefix("claude-")
    }

    /// Whether a name is Amazon Bedrock's: `anthropic.claude-…`, `us.anthropic.claude-…`.
    static func hasBedrockForm(_ name: String) -> Bool {
        var parts = name.split(separator: ".", maxSplits: 2)[...]
        if let first = parts.first, bedrockAreas.contains(String(first)) { parts = parts.dropFirst() }
        guard let maker = parts.first else { return false }
        return parts.count > 1 && bedrockMakers.contains(String(maker))
    }

    private static let bedrockAreas: Set<String> = [
        "global", "us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "me", "af",
    ]
    private static let bedrockMakers: Set<String> = [
        "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral", "moonshot",
        "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai",
    ]
}
