import Metering

/// Reads OpenTelemetry's semantic conventions for generative AI, old and new, whoever follows them.
///
/// Input includes cached tokens there, and output includes reasoning. A span and the event of one inference are one call.
struct GenAIConventions: HarnessReader {
    let harness: Harness? = nil

    func owns(service: String) -> Bool { false }

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard record.name.equals("gen_ai.client.inference.operation.details") else { return [] }
        return try call(
            record.attributes, channel: .log, id: { context.id(of: record) },
            time: record.time ?? record.observedTime,
            trace: TraceContext(traceID: record.traceID, spanID: record.spanID), context)
    }

    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try call(
            span.attributes, channel: .span, id: { context.id(of: span) }, time: span.end ?? span.start,
            trace: TraceContext(traceID: span.traceID, spanID: span.spanID, parent: span.parentSpanID), context)
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard let (measure, family, typeAttribute, authority) = try series(of: point) else { return [] }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let end = point.time ?? context.receivedTime
        let aggregate = AggregatePoint(
            series: context.series(of: point),
            group: context.group(of: point, family: family, typeAttribute: typeAttribute), measure: measure,
            start: point.start, end: end, temporality: temporality, value: try point.value(of: measure))
        var observation = context.observation(
            context.id(of: point), channel: .metric, session: session(of: point.attributes), time: end,
            content: .aggregate(aggregate))
        describe(&observation, point.attributes, context)
        observation.authority = authority
        return [observation]
    }

    private func call(
        _ attributes: Attributes, channel: Channel, id: () -> ContentID, time: Timestamp?, trace: TraceContext?,
        _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard isInference(attributes) else { return [] }
        let tokens =
            try AISDKSpan.isRequest(attributes) == nil ? tokens(of: attributes) : AISDKSpan.tokens(of: attributes)
        let cost = try attributes.cost("gen_ai.usage.cost")
        // An inference that failed, or a program that does not count, reports no usage.
        guard !tokens.isEmpty || cost != nil else { return [] }
        let id = id()
        let provider = provider(of: attributes)
        var keys = CallKey.keys(response: attributes.text(firstOf: "gen_ai.response.id", "ai.response.id"), provider)
        if let trace, let key = CallKey.span(traceID: trace.traceID, spanID: trace.spanID) { keys.append(key) }
        if keys.isEmpty {
            keys = [CallKey(space: context.harness.rawValue, kind: .record, value: id.description)]
        }
        var observation = context.observation(
            id, channel: channel, session: session(of: attributes), time: time,
            content: .call(keys: keys, tokens: tokens, cost: cost))
        describe(&observation, attributes, context)
        observation.trace = trace
        return [observation]
    }

    /// Whether a span or event is one request to a model; agents, workflows and tools only sum up such requests.
    private func isInference(_ attributes: Attributes) -> Bool {
        if let isRequest = AISDKSpan.isRequest(attributes) { return isRequest }
        guard case .text(let operation)? = attributes["gen_ai.operation.name"] else {
            // Conventions before operations had names; only requests named a model then.
            return attributes["gen_ai.request.model"] != nil || attributes["gen_ai.response.model"] != nil
                || attributes["llm.request.type"] != nil
        }
        return operation.equals("chat") || operation.equals("generate_content") || operation.equals("text_completion")
            || operation.equals("embeddings")
    }

    /// The names that usage has had, the one in force first.
    private func tokens(of attributes: Attributes) throws(Rejection) -> TokenCounts {
        let input = try attributes.count(
            firstOf: "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
        let read = try attributes.count(
            firstOf: "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.input_tokens.cached")
        let written = try attributes.count(
            firstOf: "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.cache_write_input_tokens")
        let cached = (read ?? 0).addingClamped(written ?? 0)
        return TokenCounts(
            // Cached input above all input cannot be a part of it: that source reports its parts apart.
            uncachedInput: input.map { $0 >= cached ? $0 - cached : $0 },
            cacheRead: read, cacheWrite: written,
            output: try attributes.count(
                firstOf: "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"),
            reasoning: try attributes.count(
                firstOf: "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_output_tokens",
                "gen_ai.usage.reasoning_tokens"))
    }

    /// What a metric counts, with what, in what family, and how far it is to be believed against other families.
    private typealias Series = (
        measure: AggregatePoint.Measure, family: StaticString, typeAttribute: StaticString, authority: Int64
    )

    /// What a metric counts; `nil` for one that does not count usage.
    ///
    /// A program in transition reports the same tokens under the names of several generations: each is a family, and of
    /// each field one family counts, the newest first, which alone knows the cache.
    private func series(of point: MetricPoint) throws(Rejection) -> Series? {
        let metric = point.metric
        if metric.equals("gen_ai.client.token.usage") {
            guard point.kind != .other else { return nil }
            return (try measure(byTypeOf: point), "gen_ai.client.token.usage", "gen_ai.token.type", 52)
        }
        guard point.kind == .sum else { return nil }
        if let (measure, typeAttribute) = try draft(point) {
            return (measure, "gen_ai.client.inference.tokens", typeAttribute, 51)
        }
        // No convention has a cost; programs name it alike all the same.
        if metric.hasSuffix(".cost.usage") { return (.cost, "cost.usage", "type", 50) }
        guard metric.hasPrefix("gen_ai.client.inference.usage."),
            let measure = counter(metric.dropFirst("gen_ai.client.inference.usage.".utf8.count))
        else { return nil }
        return (measure, "gen_ai.client.inference.usage", "gen_ai.token.type", 50)
    }

    /// A draft between the generations: totals by type, and twice more by cache and by phase.
    ///
    /// Of the latter only what the totals do not say is read: the parts that are cached, and the reasoning.
    private func draft(
        _ point: MetricPoint
    ) throws(Rejection) -> (measure: AggregatePoint.Measure, typeAttribute: StaticString)? {
        let metric = point.metric
        if metric.equals("gen_ai.client.inference.tokens") {
            return (try measure(byTypeOf: point), "gen_ai.token.type")
        }
        if metric.equals("gen_ai.client.inference.input_tokens_by_cache"),
            case .text(let cache)? = point.attributes["gen_ai.token.cache"]
        {
            if cache.equals("read") { return (.tokens(.cacheRead, within: .uncachedInput), "gen_ai.token.cache") }
            if cache.equals("write") || cache.equals("creation") {
                return (.tokens(.cacheWrite, within: .uncachedInput), "gen_ai.token.cache")
            }
        }
        if metric.equals("gen_ai.client.inference.output_tokens_by_phase"),
            case .text(let phase)? = point.attributes["gen_ai.token.phase"], phase.equals("reasoning")
        {
            return (.tokens(.reasoning, within: nil), "gen_ai.token.phase")
        }
        return nil
    }

    private func measure(byTypeOf point: MetricPoint) throws(Rejection) -> AggregatePoint.Measure {
        let type = "gen_ai.token.type" as StaticString
        guard case .text(let name)? = point.attributes[type] else { throw Rejection(.unknownTokenType, field: type) }
        if name.equals("input") { return .tokens(.uncachedInput, within: nil) }
        if name.equals("output") || name.equals("completion") { return .tokens(.output, within: nil) }
        throw Rejection(.unknownTokenType, field: type)
    }

    /// What a counter of the newer generation counts: cached tokens are parts of all input, reasoning of all output.
    private func counter(_ name: ArraySlice<UInt8>) -> AggregatePoint.Measure? {
        if name.equals("input_tokens") { return .tokens(.uncachedInput, within: nil) }
        if name.equals("output_tokens") { return .tokens(.output, within: nil) }
        if name.equals("cache_read.input_tokens") { return .tokens(.cacheRead, within: .uncachedInput) }
        if name.equals("cache_write.input_tokens") || name.equals("cache_creation.input_tokens") {
            return .tokens(.cacheWrite, within: .uncachedInput)
        }
        if name.equals("reasoning.output_tokens") { return .tokens(.reasoning, within: nil) }
        return nil
    }

    private func provider(of attributes: Attributes) -> Provider? {
        guard let name = attributes.text(firstOf: "gen_ai.provider.name", "gen_ai.system", "ai.model.provider") else {
            return nil
        }
        return AISDKSpan.isRequest(attributes) == nil
            ? Provider(rawValue: name.lowercased()) : AISDKSpan.provider(named: name)
    }

    private func session(of attributes: Attributes) -> String? {
        attributes.text(firstOf: "gen_ai.conversation.id", "session.id", "ai.telemetry.metadata.sessionId")
    }

    private func describe(_ observation: inout Observation, _ attributes: Attributes, _ context: ReadingContext) {
        observation.provider = provider(of: attributes)
        observation.reportedModel = attributes.text(
            firstOf: "gen_ai.response.model", "gen_ai.request.model", "ai.response.model", "ai.model.id", "model")
        observation.model = observation.reportedModel
        observation.serviceTier = attributes.text(
            firstOf: "openai.response.service_tier", "gen_ai.openai.response.service_tier")
        observation.attribution.agentName = attributes.text("gen_ai.agent.name")
        observation.attribution.agentID = attributes.text("gen_ai.agent.id")
        observation.attribution.user = context.user(of: attributes)
    }
}
