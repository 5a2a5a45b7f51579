import Metering

/// Reads the session files of Kimi's two terminal agents: the older `StatusUpdate` messages, which repeat and grow under
/// the id of their response, and the newer `usage.record` lines, one for each request.
struct Kimi: DelegatingHarness {
    let harness: Harness? = Harness(rawValue: "kimi")
    let telemetry = GenAIConventions()

    func owns(service: String) -> Bool { service == "kimi" || service == "kimi-cli" || service == "kimi-code" }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(.home(".kimi/sessions")),
            .init(.variable("KIMI_CODE_HOME", "sessions"), .home(".kimi-code/sessions")),
        ],
        files: [.init("**/wire.jsonl", .lines)], marks: ["wire.jsonl"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(KimiWire(file)) }
}

/// Reads a file of what an agent and its interface told each other, in disjoint counts.
private struct KimiWire: TranscriptReader {
    private static let counts = ["input_other", "output", "input_cache_read", "input_cache_creation"]
    private static let members = FieldReader(
        [
            "type", "timestamp", "message.type", "message.payload.message_id", "time", "model", "agentId", "usageScope",
            "usage.inputOther", "usage.output", "usage.inputCacheRead", "usage.inputCacheCreation",
        ] + counts.map { "message.payload.token_usage." + $0 })

    private let session: String?
    private let agent: String?
    /// The model of the last request, which records name that were made before their model was known.
    private var model: String?

    init(_ file: SessionFile) {
        let folders = file.folders.map(String.init)
        // Newer files lie with their agent: SESSION/agents/AGENT.
        if folders.count > 2, folders[folders.count - 2] == "agents" {
            session = BoundedText.string(folders[folders.count - 3])
            agent = BoundedText.string(folders[folders.count - 1])
        } else {
            session = folders.last.flatMap { BoundedText.string($0) }
            agent = nil
        }
    }

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let fields = try Self.members.line(line).fields
        switch fields.text("type") {
        case "llm.request":
            model = Self.model(fields.text("model")) ?? model
            return []
        case "usage.record": return try record(fields, context)
        default:
            guard fields.text("message.type") == "StatusUpdate" else { return [] }
            return try status(fields, context)
        }
    }

    private func status(_ fields: Attributes, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let tokens = TokenCounts(
            uncachedInput: try fields.count("message.payload.token_usage.input_other"),
            cacheRead: try fields.count("message.payload.token_usage.input_cache_read"),
            cacheWrite: try fields.count("message.payload.token_usage.input_cache_creation"),
            output: try fields.count("message.payload.token_usage.output"))
        let time = fields.time(seconds: "timestamp")
        let key =
            fields.text("message.payload.message_id").map {
                CallKey(space: context.harness.rawValue, kind: .message, value: $0)
            } ?? context.recordKey(session: session, time: time, tokens.vector)
        return call(fields, key, tokens, time, context)
    }

    /// A request of a turn, or one made between turns, such as a summary of the conversation.
    private func record(_ fields: Attributes, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let tokens = TokenCounts(
            uncachedInput: try fields.count("usage.inputOther"), cacheRead: try fields.count("usage.inputCacheRead"),
            cacheWrite: try fields.count("usage.inputCacheCreation"), output: try fields.count("usage.output"))
        let time = fields.time(milliseconds: "time")
        let key = context.recordKey(session: session, time: time, agent, fields.text("model"), tokens.vector)
        return call(fields, key, tokens, time, context)
    }

    private func call(
        _ fields: Attributes, _ key: CallKey, _ tokens: TokenCounts, _ time: Timestamp?, _ context: ReadingContext
    ) -> [Observation] {
        guard tokens.hasUsage else { return [] }
        var hasher = RecordHasher("agent")
        hasher.add(context.id(of: fields, "wire", session: session))
        hasher.add(agent ?? "")
        var observation = context.observation(
            hasher.identity(), channel: .transcript, session: session, time: time,
            content: .call(keys: [key], tokens: tokens, cost: nil))
        observation.reportedModel = fields.text("model") ?? model
        observation.model = Self.model(fields.text("model")) ?? model
        observation.provider = Provider(rawValue: "moonshot_ai")
        let name = fields.text("agentId") ?? agent
        observation.attribution.agentID = name
        if let name { observation.attribution.caller = name == "main" ? "lead" : "subagent" }
        return [observation]
    }

    /// A model without the mark of the configuration it was taken from; `nil` for a name that stands for one.
    private static func model(_ reported: String?) -> String? {
        guard let reported else { return nil }
        let prefix = "kimi-code/"
        let name = reported.hasPrefix(prefix) ? String(reported.dropFirst(prefix.count)) : reported
        return name.isEmpty || (name.hasPrefix("__") && name.hasSuffix("__")) ? nil : name
    }
}
