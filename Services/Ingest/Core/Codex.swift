import Metering

/// Reads Codex: `codex.sse_event` events, the usage histogram and cost counter of turns, `turn` spans; its session files
/// in ``CodexRollout``, what its command prints in ``CodexResult``.
///
/// Input includes cached input on every channel, and output includes reasoning. Only session files name a response: logs
/// pair with them. Metrics name no conversation, spans of single calls none either, so those of whole turns are taken.
struct Codex: HarnessReader {
    let harness: Harness? = CodexNames.harness

    func owns(service: String) -> Bool { service.hasPrefix("codex") }

    func owns(scope: ArraySlice<UInt8>) -> Bool { scope.hasPrefix("codex_otel") || scope.equals("codex") }

    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("codex.") }

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let attributes = record.attributes
        guard record.name.equals("codex.sse_event"), case .text(let kind)? = attributes["event.kind"],
            kind.equals("response.completed"),
            // Each answer has another record of that kind, without counts.
            attributes["input_token_count"] != nil || attributes["output_token_count"] != nil
        else { return [] }
        let tokens = CodexUsage.tokens(
            input: try attributes.count("input_token_count"), cached: try attributes.count("cached_token_count"),
            written: try attributes.count("cache_write_token_count"),
            output: try attributes.count("output_token_count"),
            // `tool_token_count` is the total of the others.
            reasoning: try attributes.count("reasoning_token_count"))
        let thread = attributes.text("conversation.id")
        let written = attributes.text("event.timestamp").flatMap(Timestamp.init(rfc3339:))
        let time = written ?? record.time ?? record.observedTime
        let id = context.id(of: record)
        var observation = context.observation(
            id, channel: .log, session: thread, time: time,
            content: .call(keys: [recordKey(thread, time, tokens, context)], tokens: tokens, cost: nil))
        observation.authority = CodexAuthority.log
        observation.pairing = thread.map { CodexUsage.pairing(thread: $0, tokens) }
        describe(&observation, attributes, context)
        observation.serviceTier = attributes.text("service_tier").flatMap { $0 == "default" ? nil : $0 }
        observation.trace = TraceContext(traceID: record.traceID, spanID: record.spanID)
        return [observation]
    }

    /// The key of a call that only a log record tells of: where and when it was reported, and what it used.
    private func recordKey(
        _ thread: String?, _ time: Timestamp?, _ tokens: TokenCounts, _ context: ReadingContext
    ) -> CallKey {
        let counts = TokenClass.allCases.map { tokens[$0].map(String.init) ?? "" }.joined(separator: ",")
        let place = [thread ?? context.source, time.map { String($0.nanoseconds) } ?? "", counts]
        return CallKey(space: CodexNames.harness.rawValue, kind: .record, value: place.joined(separator: ":"))
    }

    /// Pairs a provider's answer with what the harness says of the call, where who passes it on names the thread.
    ///
    /// Programs that do so run `codex exec`.
    func complete(_ answer: inout Observation, _ tokens: TokenCounts) {
        guard let thread = answer.session else { return }
        answer.pairing = CodexUsage.pairing(thread: thread, tokens)
        answer.source = CodexNames.source(originator: "codex_exec")
    }

    private func describe(_ observation: inout Observation, _ attributes: Attributes, _ context: ReadingContext) {
        // Spans do not repeat what the resource says.
        observation.source = CodexNames.source(
            originator: attributes.text(firstOf: "originator", "service_name") ?? context.service)
        observation.reportedModel = attributes.text(firstOf: "model", "slug")
        observation.model = observation.reportedModel
        observation.provider = .openAI
        observation.attribution.user = context.user(of: attributes)
    }
}

// MARK: - Whole turns

extension Codex {
    /// The sums of a turn, for when no channel tells of its calls.
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let attributes = span.attributes
        guard span.name.equals("session_task.turn") || span.name.equals("turn"),
            let thread = CodexNames.thread(of: attributes)
        else { return [] }
        let usage: [(TokenClass, Int64?)] = [
            (.uncachedInput, try attributes.count("codex.turn.token_usage.input_tokens")),
            (.cacheRead, try attributes.count("codex.turn.token_usage.cached_input_tokens")),
            (
                .cacheWrite,
                try attributes.count("codex.turn.token_usage.cache_write_input_tokens")
            ),
            (.output, try attributes.count("codex.turn.token_usage.output_tokens")),
            (.reasoning, try attributes.count("codex.turn.token_usage.reasoning_output_tokens")),
        ]
        let end = span.end ?? span.start ?? context.receivedTime
        let spanID = context.id(of: span)
        return usage.compactMap { tokenClass, count in
            guard let count, count > 0 else { return nil }
            var hasher = RecordHasher("turn")
            hasher.add(spanID)
            hasher.add(tokenClass.rawValue)
            let series = hasher.identity()
            let point = AggregatePoint(
                series: series, group: spanID, measure: CodexUsage.measure(of: tokenClass), start: span.start,
                end: end, temporality: .delta, value: count)
            var observation = context.observation(
                series, channel: .span, session: thread, time: end, content: .aggregate(point))
            observation.authority = CodexAuthority.turnSpan
            describe(&observation, attributes, context)
            observation.trace = TraceContext(traceID: span.traceID, spanID: span.spanID, parent: span.parentSpanID)
            return observation
        }
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard let measure = try measure(of: point) else { return [] }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let end = point.time ?? context.receivedTime
        let aggregate = AggregatePoint(
            series: context.series(of: point),
            group: context.group(of: point, family: "codex.turn", typeAttribute: "token_type"), measure: measure,
            start: point.start, end: end, temporality: temporality, value: try value(of: point, measure))
        var observation = context.observation(
            context.id(of: point), channel: .metric, session: point.attributes.text("conversation.id"), time: end,
            content: .aggregate(aggregate))
        observation.authority = CodexAuthority.metric
        describe(&observation, point.attributes, context)
        observation.speed = point.attributes.text("speed").flatMap { $0 == "standard" ? nil : $0 }
        return [observation]
    }

    private func measure(of point: MetricPoint) throws(Rejection) -> AggregatePoint.Measure? {
        if point.metric.equals("codex.turn.cost_microusd"), point.kind != .other { return .cost }
        let isReview = point.metric.equals("codex.guardian.review.token_usage")
        guard isReview || point.metric.equals("codex.turn.token_usage"), point.kind != .other else { return nil }
        guard case .text(let type)? = point.attributes["token_type"] else {
            throw Rejection(.unknownTokenType, field: "token_type")
        }
        // The sum of the others.
        if type.equals("total") { return nil }
        if type.equals("input") { return CodexUsage.measure(of: .uncachedInput) }
        if type.equals("cached_input") { return CodexUsage.measure(of: .cacheRead) }
        if type.equals("cache_write_input") { return CodexUsage.measure(of: .cacheWrite) }
        if type.equals("output") { return CodexUsage.measure(of: .output) }
        if type.equals("reasoning_output") { return CodexUsage.measure(of: .reasoning) }
        throw Rejection(.unknownTokenType, field: "token_type")
    }

    private func value(of point: MetricPoint, _ measure: AggregatePoint.Measure) throws(Rejection) -> Int64 {
        guard measure == .cost else { return try point.value(of: measure) }
        // Counted like tokens: whole millionths of a dollar.
        let micros = try point.value(of: .tokens(.output, within: nil))
        let (picodollars, overflow) = micros.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, picodollars <= UsageNumbers.maximumCost.picodollars else {
            throw Rejection(.costOutOfRange, field: "value")
        }
        return picodollars
    }
}

// MARK: - Files and output

extension Codex {
    var sessionFiles: SessionFiles? {
        SessionFiles(
            roots: [.init(.variable("CODEX_HOME"), .home(".codex"))],
            files: [
                .init("sessions/**/rollout-*.jsonl", .lines), .init("archived_sessions/**/rollout-*.jsonl", .lines),
            ], marks: ["rollout-*.jsonl"])
    }

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(CodexRollout(of: file)) }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { CodexResult(invocation) }
}

/// How far each channel is believed; session files name the response and stand first.
enum CodexAuthority {
    static let record: Int64 = 5
    static let log: Int64 = 10
    static let tokenCount: Int64 = 15
    static let turnSpan: Int64 = 25
    static let thread: Int64 = 40
    static let metric: Int64 = 50
}

/// How Codex writes names, on every channel.
enum CodexNames {
    static let harness = Harness(rawValue: "codex")

    /// The stream of one kind of program: what calls and the metrics of turns have in common.
    ///
    /// Metrics name neither conversation nor machine; the program's own name is on every channel.
    static func source(originator: String?) -> String { "codex:" + (originator ?? "") }

    /// The thread of a span; the runtime writes the number of a thread of its own under the same name, before it.
    static func thread(of attributes: Attributes) -> String? {
        for attribute in attributes.list.reversed() where attribute.key.equals("thread.id") {
            if case .text(let utf8) = attribute.value, utf8.contains(UInt8(ascii: "-")) {
                return BoundedText.string(utf8)
            }
        }
        return nil
    }

    /// Who serves the calls; `nil` for a provider that the user has named, which may be anyone.
    static func provider(_ name: String?) -> Provider? {
        switch name {
        case "openai": .openAI
        case "azure": Provider(rawValue: "azure.ai.openai")
        case "amazon-bedrock": Provider(rawValue: "aws.bedrock")
        default: nil
        }
    }
}
