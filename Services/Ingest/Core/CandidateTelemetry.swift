import Metering

/// The telemetry of a terminal agent made for Google's API, and of its forks: they differ in their names alone.
///
/// Each response is reported several times. The log record `api_response` is counted; the log record of the general
/// conventions tells the response's id, and nothing else of it is read, since it knows of no cache; counters, and spans
/// that know of no cache, fill in where nothing better came.
struct CandidateTelemetry: TelemetryReader {
    /// What the names of records begin with.
    let prefix: StaticString
    /// What the names of the spans of requests are.
    let requestSpan: StaticString
    /// Where reasoning is counted.
    let thoughts: CandidateUsage.Thoughts
    /// Whose name space response ids are in; `nil` when the agent may talk to any provider.
    let provider: Provider?

    /// Behind the session file, which knows what of the output was reasoning.
    private static let spanAuthority: Int64 = 35
    /// Behind counters.
    private static let sumAuthority: Int64 = 60

    // MARK: Logs

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let name = record.name
        if hasOwnName(name, "api_response") {
            return try response(
                record.attributes, time: record.time, id: context.id(of: record), channel: .log,
                trace: TraceContext(traceID: record.traceID, spanID: record.spanID), context)
        }
        guard name.equals("gen_ai.client.inference.operation.details"), let provider,
            let responseID = record.attributes.text("gen_ai.response.id")
        else { return [] }
        return [try identity(responseID, provider, record, context)]
    }

    private func response(
        _ attributes: Attributes, time: Timestamp?, id: ContentID, channel: Channel, trace: TraceContext?,
        _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        let usage = CandidateUsage(
            prompt: try attributes.count("input_token_count"),
            cached: try attributes.count("cached_content_token_count"),
            candidates: try attributes.count("output_token_count"),
            thoughts: try attributes.count("thoughts_token_count"),
            tool: try attributes.count("tool_token_count"),
            total: try attributes.count("total_token_count"))
        let tokens = usage.tokens(thoughts)
        guard !tokens.isEmpty else { throw Rejection(.noUsage) }
        var keys: [CallKey] = []
        if let response = attributes.text("response_id") {
            keys = [CallKey(space: provider?.rawValue ?? context.harness.rawValue, kind: .response, value: response)]
        }
        let model = attributes.text("model")
        let key = responseKey(attributes, time, model: model, usage.prompt, usage.candidates, context)
        keys.append(key)
        let session = session(of: attributes)
        var observation = context.observation(
            id, channel: channel, session: session, time: attributes.time(text: "event.timestamp") ?? time,
            content: .call(keys: keys, tokens: tokens, cost: nil))
        observation.pairing = context.pairing(session: session, model: model, usage.prompt, usage.candidates)
        observation.trace = trace
        describe(&observation, attributes, model: model, context)
        return [observation]
    }

    /// The record that tells a response's id: the same call, and no figures.
    private func identity(
        _ response: String, _ provider: Provider, _ record: LogRecord, _ context: ReadingContext
    ) throws(Rejection) -> Observation {
        let attributes = record.attributes
        let model = attributes.text(firstOf: "gen_ai.request.model", "gen_ai.response.model")
        let key = responseKey(
            attributes, record.time, model: model, try attributes.count("gen_ai.usage.input_tokens"),
            try attributes.count("gen_ai.usage.output_tokens"), context)
        var observation = context.observation(
            context.id(of: record), channel: .log, session: session(of: attributes),
            time: attributes.time(text: "event.timestamp") ?? record.time,
            content: .call(
                keys: CallKey.keys(response: response, provider) + [key], tokens: TokenCounts(), cost: nil))
        describe(&observation, attributes, model: model, context)
        observation.attribution.caller = nil
        return observation
    }

    /// The key that both log records of a response know: their moment, and what they alike report.
    private func responseKey(
        _ attributes: Attributes, _ time: Timestamp?, model: String?, _ prompt: Int64?, _ candidates: Int64?,
        _ context: ReadingContext
    ) -> CallKey {
        context.recordKey(
            session: session(of: attributes), time: attributes.time(text: "event.timestamp") ?? time, model,
            prompt.map(String.init), candidates.map(String.init))
    }

    // MARK: Spans

    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let attributes = span.attributes
        let trace = TraceContext(traceID: span.traceID, spanID: span.spanID, parent: span.parentSpanID)
        // A log record that was exported as a span.
        if hasOwnName(span.name, "api_response") {
            return try response(
                attributes, time: span.end ?? span.start, id: context.id(of: span), channel: .span, trace: trace,
                context)
        }
        guard span.name.equals(requestSpan) else { return [] }
        let usage = CandidateUsage(
            prompt: try attributes.count(firstOf: "gen_ai.usage.input_tokens", "input_tokens"),
            cached: try attributes.count(
                firstOf: "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cached_tokens", "cached_input_tokens"),
            candidates: try attributes.count(firstOf: "gen_ai.usage.output_tokens", "output_tokens"))
        let tokens = usage.tokens(thoughts)
        // A request that failed has a span and no usage.
        guard !tokens.isEmpty else { return [] }
        let model = attributes.text(firstOf: "gen_ai.response.model", "gen_ai.request.model", "model")
        let session = session(of: attributes)
        guard usage.cached != nil else { return sums(tokens, of: span, model: model, session, context) }
        var keys: [CallKey] = []
        if let response = attributes.text(firstOf: "gen_ai.response.id", "response_id") {
            keys = [CallKey(space: provider?.rawValue ?? context.harness.rawValue, kind: .response, value: response)]
        }
        if let key = CallKey.span(traceID: span.traceID, spanID: span.spanID) { keys.append(key) }
        if keys.isEmpty { keys = [context.recordKey(session: session, time: span.end, model, tokens.vector)] }
        var observation = context.observation(
            context.id(of: span), channel: .span, session: session, time: span.end ?? span.start,
            content: .call(keys: keys, tokens: tokens, cost: nil))
        observation.authority = Self.spanAuthority
        observation.pairing = context.pairing(session: session, model: model, usage.prompt, usage.candidates)
        observation.trace = trace
        describe(&observation, attributes, model: model, context)
        return [observation]
    }

    /// What a span used that does not tell the cached part of its input, as points of its own.
    ///
    /// As a call it would own the input, and what the counters say of the cache would be added to it.
    private func sums(
        _ tokens: TokenCounts, of span: Span, model: String?, _ session: String?, _ context: ReadingContext
    ) -> [Observation] {
        let id = context.id(of: span)
        return [TokenClass.uncachedInput, .output].compactMap { tokenClass in
            guard let count = tokens[tokenClass] else { return nil }
            var hasher = RecordHasher("sum")
            hasher.add(id)
            hasher.add(tokenClass.rawValue)
            let series = hasher.identity()
            let point = AggregatePoint(
                series: series, group: id, measure: .tokens(tokenClass, within: nil), start: span.start,
                end: span.end ?? span.start ?? context.receivedTime, temporality: .delta, value: count)
            var observation = context.observation(
                series, channel: .span, session: session, time: span.end ?? span.start, content: .aggregate(point))
            describe(&observation, span.attributes, model: model, context)
            observation.authority = Self.sumAuthority
            observation.trace = TraceContext(
                traceID: span.traceID, spanID: span.spanID, parent: span.parentSpanID)
            return observation
        }
    }

    // MARK: Metrics

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard hasOwnName(point.metric, "token.usage"), point.kind == .sum else {
            // The histogram of the general conventions, which knows of no cache.
            return try GenAIConventions().observations(in: point, context).map { observation in
                var observation = observation
                observation.provider = provider ?? observation.provider
                return observation
            }
        }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let end = point.time ?? context.receivedTime
        var observations: [Observation] = []
        for measure in try measures(of: point) {
            var series = RecordHasher("part")
            series.add(context.series(of: point))
            series.add("\(measure)")
            var id = RecordHasher("part")
            id.add(context.id(of: point))
            id.add("\(measure)")
            let aggregate = AggregatePoint(
                series: series.identity(),
                group: context.group(of: point, family: prefix, typeAttribute: "type"), measure: measure,
                start: point.start, end: end, temporality: temporality, value: try point.value(of: measure))
            let attributes = point.attributes
            var observation = context.observation(
                id.identity(), channel: .metric, session: session(of: attributes), time: end,
                content: .aggregate(aggregate))
            describe(&observation, attributes, model: attributes.text("model"), context)
            observations.append(observation)
        }
        return observations
    }

    /// What a counter's value is: reasoning is output and, of it, reasoning.
    private func measures(of point: MetricPoint) throws(Rejection) -> [AggregatePoint.Measure] {
        guard case .text(let type)? = point.attributes["type"] else {
            throw Rejection(.unknownTokenType, field: "type")
        }
        if type.equals("input") || type.equals("tool") { return [.tokens(.uncachedInput, within: nil)] }
        if type.equals("cache") { return [.tokens(.cacheRead, within: .uncachedInput)] }
        if type.equals("output") { return [.tokens(.output, within: nil)] }
        guard type.equals("thought") else { throw Rejection(.unknownTokenType, field: "type") }
        switch thoughts {
        case .beside: return [.tokens(.output, within: nil), .tokens(.reasoning, within: nil)]
        case .asTotalTells: return [.tokens(.reasoning, within: nil)]
        }
    }

    // MARK: Names

    private func hasOwnName(_ name: ArraySlice<UInt8>, _ rest: StaticString) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let end = name.dropFirst(prefix.utf8CodeUnitCount)
        return end.first == UInt8(ascii: ".") && end.dropFirst().equals(rest)
    }

    /// The conversation, which the record names; the resource names the first one of the process.
    private func session(of attributes: Attributes) -> String? {
        attributes.text(firstOf: "gen_ai.conversation.id", "session.id", "sessionId")
    }

    private func describe(
        _ observation: inout Observation, _ attributes: Attributes, model: String?, _ context: ReadingContext
    ) {
        observation.model = model
        observation.reportedModel = model
        observation.provider = provider
        if attributes.text("auth_type") == "vertex-ai" { observation.provider = Provider(rawValue: "gcp.vertex_ai") }
        let agent = attributes.text("subagent_name")
        observation.attribution.agentName = agent
        observation.attribution.caller =
            Self.caller(role: attributes.text("role")) ?? (agent == nil ? nil : "subagent")
        observation.attribution.user = context.user(of: attributes)
    }

    /// Who called inside the agent.
    private static func caller(role: String?) -> String? {
        switch role {
        case "main": "lead"
        case "utility_compressor": "compact"
        case let role? where role.hasPrefix("utility_"): String(role.dropFirst("utility_".count))
        default: role
        }
    }
}
