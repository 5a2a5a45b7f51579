import Metering

/// Reads Qwen Code: telemetry of all kinds, chat files, and what `--output-format json` and `stream-json` print.
///
/// It talks to many providers. Input includes the cached part; whether reasoning stands inside output or beside it depends
/// on the provider, and totals tell. Counters have no total: there output is taken to include reasoning, as with the
/// harness's own provider. Sessions are named on counters only when its user asks for it.
struct QwenCode: DelegatingHarness {
    let harness: Harness? = Harness(rawValue: "qwen-code")
    let telemetry = CandidateTelemetry(
        prefix: "qwen-code", requestSpan: "qwen-code.llm_request", thoughts: .asTotalTells, provider: nil)

    func owns(service: String) -> Bool { service == "qwen-code" }
    func owns(scope: ArraySlice<UInt8>) -> Bool { scope.equals("qwen-code") }
    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("qwen-code.") }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.variable("QWEN_HOME", "projects"), .home(".qwen/projects"))],
        files: [.init("*/chats/**/*.jsonl", .lines)])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(QwenChat()) }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { QwenResult() }
}

/// Reads the lines of a chat file, each of which names its session.
private struct QwenChat: TranscriptReader {
    private static let members = FieldReader([
        "type", "uuid", "sessionId", "timestamp", "model", "cwd", "gitBranch", "isSidechain", "agentId", "agentName",
        "usageMetadata.promptTokenCount", "usageMetadata.cachedContentTokenCount",
        "usageMetadata.candidatesTokenCount", "usageMetadata.thoughtsTokenCount",
        "usageMetadata.toolUsePromptTokenCount", "usageMetadata.totalTokenCount",
    ])

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let fields = try Self.members.line(line).fields
        guard fields.text("type") == "assistant" else { return [] }
        let usage = CandidateUsage(
            prompt: try fields.count("usageMetadata.promptTokenCount"),
            cached: try fields.count("usageMetadata.cachedContentTokenCount"),
            candidates: try fields.count("usageMetadata.candidatesTokenCount"),
            thoughts: try fields.count("usageMetadata.thoughtsTokenCount"),
            tool: try fields.count("usageMetadata.toolUsePromptTokenCount"),
            total: try fields.count("usageMetadata.totalTokenCount"))
        let tokens = usage.tokens(.asTotalTells)
        guard !tokens.isEmpty else { return [] }
        let session = fields.text("sessionId")
        let model = fields.text("model")
        let time = fields.time(text: "timestamp")
        // No other channel knows the id; a response's own id, which the log has, names the call better.
        let key =
            fields.text("uuid").map { CallKey(space: context.harness.rawValue, kind: .record, value: $0) }
            ?? context.recordKey(session: session, time: time, model, tokens.vector)
        var observation = context.observation(
            context.id(of: fields, "message", session: session), channel: .transcript, session: session, time: time,
            content: .call(keys: [key], tokens: tokens, cost: nil))
        observation.pairing = context.pairing(session: session, model: model, usage.prompt, usage.candidates)
        observation.model = model
        observation.reportedModel = model
        observation.attribution.agentID = fields.text("agentId")
        observation.attribution.agentName = fields.text("agentName")
        let isAgent = fields.isTrue("isSidechain") || observation.attribution.agentID != nil
        observation.attribution.caller = isAgent ? "subagent" : "lead"
        observation.attribution.branch = fields.text("gitBranch") ?? observation.attribution.branch
        observation.attribution.project = fields.lastPathComponent("cwd") ?? observation.attribution.project
        return [observation]
    }
}

/// Reads what a run prints: the session's totals, by model where they are told, and else as a whole.
private struct QwenResult: ResultReader {
    private static let members = FieldReader(
        [
            "type", "session_id", "usage.input_tokens", "usage.output_tokens", "usage.cache_read_input_tokens",
        ], each: ["stats.models"])
    private static let figures = FieldReader([
        "tokens.prompt", "tokens.cached", "tokens.candidates", "tokens.thoughts", "tokens.tool", "tokens.total",
    ])

    private var session: String?

    mutating func observations(in record: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let result = try Self.members.line(record)
        session = result.fields.text("session_id") ?? session
        guard result.fields.text("type") == "result" else { return [] }
        guard !result.elements.isEmpty else {
            let usage = CandidateUsage(
                prompt: try result.fields.count("usage.input_tokens"),
                cached: try result.fields.count("usage.cache_read_input_tokens"),
                candidates: try result.fields.count("usage.output_tokens"))
            // Behind the totals by model, so that a run that prints both counts once.
            return totals(usage.tokens(.asTotalTells), model: nil, authority: 42, context)
        }
        var observations: [Observation] = []
        for element in result.elements {
            let fields = try Self.figures.element(record, element)
            let usage = CandidateUsage(
                prompt: try fields.count("tokens.prompt"), cached: try fields.count("tokens.cached"),
                candidates: try fields.count("tokens.candidates"), thoughts: try fields.count("tokens.thoughts"),
                tool: try fields.count("tokens.tool"), total: try fields.count("tokens.total"))
            observations += totals(usage.tokens(.asTotalTells), model: element.name, authority: 40, context)
        }
        return observations
    }

    private func totals(
        _ tokens: TokenCounts, model: String?, authority: Int64, _ context: ReadingContext
    ) -> [Observation] {
        let totals = RunningTotals(tokens: tokens, parts: model.map { [$0] } ?? [])
        return totals.observations(session: session, time: nil, channel: .result, context) {
            $0.model = model.flatMap { BoundedText.string($0) }
            $0.reportedModel = $0.model
            $0.authority = authority
        }
    }
}
