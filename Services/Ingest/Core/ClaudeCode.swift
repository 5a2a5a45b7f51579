import Metering
import Wire

/// Reads Claude Code: `api_request` and `api_response_body` events, usage metrics, `llm_request` spans; its session files in
/// ``ClaudeTranscript``, what its command prints in ``ClaudeResult``.
///
/// Counts are disjoint on every channel. Numbers were text before version 2.1.122. The HTTP request id joins events,
/// spans and session files; neither events nor spans name the message.
struct ClaudeCode: HarnessReader {
    let harness: Harness? = Harness(rawValue: "claude-code")

    func owns(service: String) -> Bool {
        service == "claude-code" || service == "claude-code-desktop"
    }

    func owns(scope: ArraySlice<UInt8>) -> Bool { scope.hasPrefix("com.anthropic.claude_code") }

    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("claude_code.") }

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let name = record.name
        if name.equals("api_response_body") || name.equals("claude_code.api_response_body") {
            return try answer(record, context)
        }
        guard name.equals("api_request") || name.equals("claude_code.api_request") else { return [] }
        let attributes = record.attributes
        let tokens = try tokens(of: attributes)
        let cost = try cost(of: attributes)
        guard !tokens.isEmpty || cost != nil else { throw Rejection(.noUsage) }
        let session = attributes.text("session.id")
        let time = record.time ?? eventTimestamp(of: attributes) ?? record.observedTime
        let id = context.id(of: record)
        var keys = requestKeys(attributes.text("request_id"), client: attributes.text("client_request_id"))
        if keys.isEmpty {
            keys = [recordKey(session, attributes.text("event.sequence"), time, tokens, context)]
        }
        var observation = context.observation(
            id, channel: .log, session: session, time: time,
            content: .call(keys: keys, tokens: tokens, cost: cost))
        describe(&observation, attributes, context)
        observation.trace = TraceContext(traceID: record.traceID, spanID: record.spanID)
        return [observation]
    }

    /// The provider's answer itself, where the agent is told to log it: its usage is read, and nothing else of it.
    private func answer(_ record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard case .text(let body)? = record.attributes["body"] else { return [] }
        var line = ClaudePrintedLine()
        do throws(JSONError) {
            var json = JSONReader(copying: body)
            try line.readMessage(&json)
        } catch {
            // Cut off at the size of a record; the request's own event tells its usage.
            return []
        }
        let tokens = try line.usage.tokens()
        guard tokens.hasUsage else { return [] }
        let attributes = record.attributes
        let id = context.id(of: record)
        var keys = requestKeys(attributes.text("request_id"), client: attributes.text("client_request_id"))
        if let message = line.messageID ?? attributes.text("message.id") {
            keys.append(CallKey(space: "anthropic", kind: .message, value: message))
        }
        guard !keys.isEmpty else { return [] }
        var observation = context.observation(
            id, channel: .log, session: attributes.text("session.id"), time: record.time ?? record.observedTime,
            content: .call(keys: keys, tokens: tokens, cost: nil))
        // What the provider said, before any counting.
        observation.authority = Channel.response.defaultAuthority
        describe(&observation, attributes, context)
        observation.serviceTier = ClaudeNames.unlessStandard(line.usage.serviceTier)
        observation.speed = ClaudeNames.unlessStandard(line.usage.speed)
        observation.inferenceGeo = ClaudeNames.unlessStandard(line.usage.inferenceGeo)
        observation.webSearchRequests = try line.usage.webSearches.map { value throws(Rejection) in
            try AnthropicUsage.count(value, "web_search_requests")
        }
        observation.trace = TraceContext(traceID: record.traceID, spanID: record.spanID)
        return [observation]
    }

    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard span.name.equals("claude_code.llm_request") else { return [] }
        let attributes = span.attributes
        let tokens = try tokens(of: attributes)
        // A request that failed has a span and no usage.
        guard !tokens.isEmpty else { return [] }
        let session = attributes.text("session.id")
        let time = span.end ?? span.start
        var keys = requestKeys(
            // The span calls the HTTP request id a response id.
            attributes.text(firstOf: "request_id", "gen_ai.response.id"), client: attributes.text("client_request_id"))
        if let key = CallKey.span(traceID: span.traceID, spanID: span.spanID) { keys.append(key) }
        if keys.isEmpty { keys = [recordKey(session, nil, time, tokens, context)] }
        var observation = context.observation(
            context.id(of: span), channel: .span, session: session, time: time,
            content: .call(keys: keys, tokens: tokens, cost: try cost(of: attributes)))
        describe(&observation, attributes, context)
        observation.trace = TraceContext(traceID: span.traceID, spanID: span.spanID, parent: span.parentSpanID)
        return [observation]
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard point.kind == .sum, let measure = try measure(of: point) else { return [] }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let end = point.time ?? context.receivedTime
        let aggregate = AggregatePoint(
            series: context.series(of: point),
            // Tokens and cost have the same attributes but for the type: one group.
            group: context.group(of: point, family: "claude_code.usage", typeAttribute: "type"),
            measure: measure, start: point.start, end: end, temporality: temporality,
            value: try point.value(of: measure))
        var observation = context.observation(
            context.id(of: point), channel: .metric, session: point.attributes.text("session.id"), time: end,
            content: .aggregate(aggregate))
        describe(&observation, point.attributes, context)
        return [observation]
    }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(.variable("CLAUDE_CONFIG_DIR", "projects"), .home(".claude/projects", ".config/claude/projects"))
        ],
        files: [.init("**/*.jsonl", .lines)],
        // A project's folder is called like its path, with dashes for slashes; copies keep that name.
        marks: ["-*/*-*-*-*-*.jsonl", "-*/**/agent-*.jsonl"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(ClaudeTranscript()) }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { ClaudeResult(invocation) }

    private func measure(of point: MetricPoint) throws(Rejection) -> AggregatePoint.Measure? {
        if point.metric.equals("claude_code.cost.usage") { return .cost }
        guard point.metric.equals("claude_code.token.usage") else { return nil }
        guard case .text(let type)? = point.attributes["type"] else {
            throw Rejection(.unknownTokenType, field: "type")
        }
        if type.equals("input") { return .tokens(.uncachedInput, within: nil) }
        if type.equals("output") { return .tokens(.output, within: nil) }
        if type.equals("cacheRead") { return .tokens(.cacheRead, within: nil) }
        if type.equals("cacheCreation") { return .tokens(.cacheWrite, within: nil) }
        throw Rejection(.unknownTokenType, field: "type")
    }

    private func tokens(of attributes: Attributes) throws(Rejection) -> TokenCounts {
        var tokens = TokenCounts(
            uncachedInput: try attributes.count("input_tokens"),
            cacheRead: try attributes.count("cache_read_tokens"),
            output: try attributes.count("output_tokens"))
        tokens.setCacheWrites(
            total: try attributes.count("cache_creation_tokens"),
            fiveMinutes: try attributes.count("cache_creation_5m_tokens"),
            oneHour: try attributes.count("cache_creation_1h_tokens"))
        return tokens
    }

    private func cost(of attributes: Attributes) throws(Rejection) -> Amount? {
        if let cost = try attributes.cost("cost_usd") { return cost }
        guard let micros = try attributes.count("cost_usd_micros") else { return nil }
        let (picodollars, overflow) = micros.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, picodollars <= UsageNumbers.maximumCost.picodollars else {
            throw Rejection(.costOutOfRange, field: "cost_usd_micros")
        }
        return Amount(picodollars: picodollars)
    }

    private func eventTimestamp(of attributes: Attributes) -> Timestamp? {
        attributes.text("event.timestamp").flatMap(Timestamp.init(rfc3339:))
    }

    private func requestKeys(_ request: String?, client: String?) -> [CallKey] {
        var keys: [CallKey] = []
        if let request { keys.append(CallKey(space: "anthropic", kind: .request, value: request)) }
        if let client { keys.append(CallKey(space: "anthropic", kind: .clientRequest, value: client)) }
        return keys
    }

    /// The key of a request that has no id: where and when it was reported, and what it used.
    private func recordKey(
        _ session: String?, _ sequence: String?, _ time: Timestamp?, _ tokens: TokenCounts, _ context: ReadingContext
    ) -> CallKey {
        let counts = TokenClass.allCases.map { tokens[$0].map(String.init) ?? "" }.joined(separator: ",")
        let place = [session ?? context.source, sequence ?? "", time.map { String($0.nanoseconds) } ?? "", counts]
        return CallKey(space: context.harness.rawValue, kind: .record, value: place.joined(separator: ":"))
    }

    private func describe(_ observation: inout Observation, _ attributes: Attributes, _ context: ReadingContext) {
        observation.reportedModel = attributes.text(firstOf: "model", "gen_ai.request.model")
        observation.model = observation.reportedModel.map(ClaudeNames.model)
        observation.provider = ClaudeNames.provider(attributes.text("anthropic.provider"))
        observation.speed = ClaudeNames.unlessStandard(attributes.text("speed"))
        let agentID = attributes.text(firstOf: "agent_id", "agent.id")
        let source = attributes.text("query_source")
        observation.attribution.agentID = agentID
        observation.attribution.parentAgentID = attributes.text(firstOf: "parent_agent_id", "agent.parent_id")
        observation.attribution.agentName =
            attributes.text("agent.name") ?? source.flatMap(ClaudeNames.agentName(querySource:))
        observation.attribution.caller = ClaudeNames.caller(
            querySource: source, isAgent: agentID != nil || observation.attribution.agentName != nil)
        observation.attribution.user = context.user(of: attributes)
    }
}

/// How Claude Code writes names, on every channel.
enum ClaudeNames {
    /// A model without the mark of the long context window, which only some channels write.
    static func model(_ reported: String) -> String {
        reported.hasSuffix("[1m]") ? String(reported.dropLast(4)) : reported
    }

    /// Who serves the calls, as OpenTelemetry names it.
    static func provider(_ reported: String?) -> Provider {
        switch reported {
        case "bedrock": Provider(rawValue: "aws.bedrock")
        case "vertex": Provider(rawValue: "gcp.vertex_ai")
        case "foundry": Provider(rawValue: "azure.ai.inference")
        default: .anthropic
        }
    }

    /// Who served a message, as its id tells.
    static func provider(messageID: String?) -> Provider {
        if messageID?.hasPrefix("msg_bdrk_") == true { return provider("bedrock") }
        if messageID?.hasPrefix("msg_vrtx_") == true { return provider("vertex") }
        return .anthropic
    }

    /// A speed, tier or region; `nil` for what stands for none: channels disagree on how to say "as usual".
    static func unlessStandard(_ reported: String?) -> String? {
        switch reported {
        case nil, "normal", "standard", "not_available": nil
        default: reported
        }
    }

    /// Who called inside the agent; events name the query's source finely, metrics coarsely.
    static func caller(querySource: String?, isAgent: Bool) -> String? {
        guard let querySource else { return isAgent ? "subagent" : nil }
        if isAgent || querySource == "subagent" || querySource.hasPrefix("agent:") { return "subagent" }
        if querySource.hasPrefix("repl_main_thread") { return "lead" }
        switch querySource {
        case "main", "sdk": return "lead"
        case "generate_session_title", "session_title", "terminal_title", "title": return "title"
        default: return querySource
        }
    }

    /// The agent that a query's source names: `agent:builtin:general-purpose` is `general-purpose`.
    static func agentName(querySource: String) -> String? {
        guard querySource.hasPrefix("agent:"), let name = querySource.split(separator: ":").last, name != "agent" else {
            return nil
        }
        return String(name)
    }
}
