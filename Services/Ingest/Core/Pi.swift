import Metering

/// Reads the session files of Pi, and of Oh My Pi, which writes the same.
struct Pi: DelegatingHarness {
    /// Pi itself.
    static let original = Pi(name: "pi", root: ".pi/agent/sessions", variable: "PI_CODING_AGENT_DIR")
    /// Oh My Pi.
    static let ohMyPi = Pi(name: "omp", root: ".omp/agent/sessions", variable: "OMP_CODING_AGENT_DIR")

    let harness: Harness?
    let telemetry = GenAIConventions()
    let sessionFiles: SessionFiles?

    private init(name: String, root: String, variable: String) {
        harness = Harness(rawValue: name)
        sessionFiles = SessionFiles(
            roots: [.init(.variable(variable, "sessions"), .home(root))], files: [.init("**/*.jsonl", .lines)])
    }

    func owns(service: String) -> Bool {
        guard let name = harness?.rawValue else { return false }
        return service == name || service == name + "-coding-agent"
    }

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(PiSession()) }
}

/// Reads a session: a head, then entries, of which the assistant's messages have usage.
///
/// Counts are disjoint, and reasoning is inside output. A fork begins with a copy of its parent's entries, ids and times included.
private struct PiSession: TranscriptReader {
    private static let members = FieldReader([
        "type", "id", "timestamp", "cwd", "parentSession", "name", "message.role", "message.provider", "message.model",
        "message.responseId", "message.usage.input", "message.usage.output", "message.usage.cacheRead",
        "message.usage.cacheWrite", "message.usage.reasoning", "message.usage.cost.total",
    ])

    private var session: String?
    private var start: Timestamp?
    private var parent: String?
    private var project: String?
    private var agent: String?

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let fields = try Self.members.line(line).fields
        switch fields.text("type") {
        case "session":
            session = fields.text("id")
            start = fields.time(text: "timestamp")
            parent = Self.session(ofFile: fields["parentSession"]?.utf8)
            project = fields.lastPathComponent("cwd")
            return []
        case "session_info":
            agent = fields.text("name").flatMap { $0.hasPrefix("subagent-") ? $0 : nil }
            return []
        case "message": return try message(fields, context)
        default: return []
        }
    }

    private func message(_ fields: Attributes, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard fields.text("message.role") == "assistant" else { return [] }
        let tokens = TokenCounts(
            uncachedInput: try fields.count("message.usage.input"),
            cacheRead: try fields.count("message.usage.cacheRead"),
            cacheWrite: try fields.count("message.usage.cacheWrite"),
            output: try fields.count("message.usage.output"),
            reasoning: try fields.count("message.usage.reasoning"))
        let cost = try fields.positiveCost("message.usage.cost.total")
        guard tokens.hasUsage || cost != nil else { return [] }
        let time = fields.time(text: "timestamp")
        // What was said before this session began was said in the one it is a copy of.
        let isCopy = parent != nil && time.flatMap { time in start.map { time < $0 } } == true
        let owner = isCopy ? parent : session
        let provider = fields.text("message.provider").map { AISDKSpan.provider(named: $0) }
        var observation = context.observation(
            context.id(of: fields, "entry", session: session), channel: .transcript, session: owner, time: time,
            content: .call(keys: keys(fields, tokens, time, provider, context), tokens: tokens, cost: cost))
        observation.model = fields.text("message.model")
        observation.reportedModel = observation.model
        observation.provider = provider
        observation.attribution.project = project ?? observation.attribution.project
        observation.attribution.agentName = agent
        observation.attribution.caller = agent == nil ? nil : "subagent"
        observation.attribution.parentAgentID = agent == nil ? nil : parent
        return [observation]
    }

    private func keys(
        _ fields: Attributes, _ tokens: TokenCounts, _ time: Timestamp?, _ provider: Provider?,
        _ context: ReadingContext
    ) -> [CallKey] {
        var keys = CallKey.keys(response: fields.text("message.responseId"), provider)
        // Ids of entries are too short to be told apart alone.
        if let id = fields.text("id") {
            let place = [id, time.map { String($0.nanoseconds) } ?? "", tokens.vector].joined(separator: ":")
            keys.append(CallKey(space: context.harness.rawValue, kind: .step, value: place))
        }
        return keys.isEmpty ? [context.recordKey(session: session, time: time, tokens.vector)] : keys
    }

    /// The session of a file that is named by time and session: `2026-08-01T10-00-00-000Z_UUID.jsonl`.
    private static func session(ofFile path: ArraySlice<UInt8>?) -> String? {
        guard let path, let name = path.split(separator: UInt8(ascii: "/")).last else { return nil }
        let stem = name.prefix { $0 != UInt8(ascii: ".") }
        guard let id = stem.split(separator: UInt8(ascii: "_")).last else { return nil }
        return BoundedText.string(id)
    }
}
