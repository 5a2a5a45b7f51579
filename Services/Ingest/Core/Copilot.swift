import Metering

/// Reads GitHub Copilot, in the terminal and in Visual Studio Code: telemetry, its export to a file, and the totals that a
/// session's log ends with.
///
/// It follows the general conventions. Spans of requests are counted, those of agents and turns sum them up. A session is
/// the conversation, never the window of the editor that the resource names. What is billed is told in units of the plan,
/// which are no money and are not read.
struct Copilot: HarnessReader {
    let harness: Harness? = Harness(rawValue: "copilot")
    private let conventions = GenAIConventions()

    func owns(service: String) -> Bool { service == "copilot-chat" || service == "github-copilot" }
    func owns(scope: ArraySlice<UInt8>) -> Bool { scope.equals("github.copilot") || scope.equals("copilot-chat") }
    func owns(record: ArraySlice<UInt8>) -> Bool {
        record.hasPrefix("copilot_chat.") || record.hasPrefix("github.copilot.")
    }

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try conventions.observations(in: record, context).map { adapted($0, record.attributes, context) }
    }

    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try conventions.observations(in: span, context).map { adapted($0, span.attributes, context) }
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try conventions.observations(in: point, context)
    }

    private func adapted(
        _ observation: Observation, _ attributes: Attributes, _ context: ReadingContext
    ) -> Observation {
        var observation = observation
        observation.session =
            observation.session
            ?? attributes.text(firstOf: "copilot_chat.session_id", "copilot_chat.chat_session_id")
        guard case .call(var keys, let tokens, let cost) = observation.content else { return observation }
        if let request = attributes.text("github.copilot.service_request_id") {
            keys.append(CallKey(space: "github", kind: .request, value: request))
        }
        observation.content = .call(keys: keys, tokens: tokens, cost: cost)
        return observation
    }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.variable("COPILOT_HOME"), .home(".copilot"))],
        files: [.init("otel/*.jsonl", .lines), .init("session-state/*/events.jsonl", .lines)],
        marks: ["session-state/*/events.jsonl"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? {
        file.name == "events.jsonl" ? .lines(CopilotSession(file)) : .lines(CopilotExport(reader: self))
    }
}

/// Reads spans and log records that the SDK exported to a file, each on a line, as the SDK itself writes them.
private struct CopilotExport: TranscriptReader {
    let reader: Copilot
    private static let members = FieldReader(
        [
            "type", "name", "traceId", "spanId", "parentSpanId", "spanContext.traceId", "spanContext.spanId",
            "parentSpanContext.spanId", "eventName", "body", "_body", "timeUnixNano",
        ], each: ["attributes", "startTime", "endTime", "hrTime", "_hrTime"])

    func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let record = try Self.members.line(line)
        // Totals of the session's file are exported alike by some builds.
        if record.fields.text("type") == "session.shutdown" {
            var session = CopilotSession(SessionFile(path: ""))
            return try session.observations(in: line, context)
        }
        let attributes = try attributes(record, line)
        let trace = record.fields.text(firstOf: "traceId", "spanContext.traceId") ?? ""
        let span = record.fields.text(firstOf: "spanId", "spanContext.spanId") ?? ""
        let name = record.fields["name"]?.utf8 ?? []
        if isSpan(record, hasName: !name.isEmpty) {
            return try reader.observations(
                in: Span(
                    name: name, start: time("startTime", record, line), end: time("endTime", record, line),
                    attributes: attributes, traceID: trace, spanID: span,
                    parentSpanID: record.fields.text(firstOf: "parentSpanId", "parentSpanContext.spanId") ?? ""),
                context)
        }
        return try reader.observations(
            in: LogRecord(
                time: time("hrTime", record, line) ?? time("_hrTime", record, line),
                eventName: record.fields["eventName"]?.utf8 ?? [], body: record.fields["body"] ?? .empty,
                attributes: attributes, traceID: trace, spanID: span),
            context)
    }

    private func isSpan(_ record: FieldReader.Record, hasName: Bool) -> Bool {
        switch record.fields.text("type") {
        case "span": true
        case nil: hasName && record.elements.contains { $0.container == "endTime" || $0.container == "startTime" }
        default: false
        }
    }

    private func attributes(_ record: FieldReader.Record, _ line: [UInt8]) throws(Rejection) -> Attributes {
        var attributes = Attributes()
        for element in record.elements where element.container == "attributes" {
            guard attributes.list.count < Attributes.maximumValues else {
                throw Rejection(.tooManyValues, field: "attributes")
            }
            let value = try FieldReader.scalar(line, element)
            attributes.append(Attribute(key: ArraySlice(element.name.utf8), value: value))
        }
        return attributes
    }

    /// An instant written as a list of seconds and nanoseconds.
    private func time(_ name: String, _ record: FieldReader.Record, _ line: [UInt8]) -> Timestamp? {
        let parts = record.elements.filter { $0.container == name }.map { NumberText.integer(line[$0.range]) }
        guard parts.count == 2, let seconds = parts[0], let nanoseconds = parts[1], seconds > 0,
            (0..<Timestamp.nanosecondsPerSecond).contains(nanoseconds)
        else { return nil }
        let start = Timestamp(seconds: seconds).nanoseconds
        return Timestamp(nanoseconds: start.addingClamped(nanoseconds))
    }
}

/// Reads a session's log for the totals that each of its processes ends with; a session that is resumed has several.
private struct CopilotSession: TranscriptReader {
    private static let members = FieldReader(
        [
            "type", "id", "timestamp", "data.sessionId", "data.context.cwd", "data.context.branch",
            "data.context.repository", "data.sessionStartTime",
        ], each: ["data.modelMetrics"])
    private static let figures = FieldReader([
        "usage.inputTokens", "usage.outputTokens", "usage.cacheReadTokens", "usage.cacheWriteTokens",
        "usage.reasoningTokens",
    ])

    private var session: String?
    private var attribution = Attribution()

    init(_ file: SessionFile) {
        session = file.folders.last.flatMap { BoundedText.string(String($0)) }
    }

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let record = try Self.members.line(line)
        session = record.fields.text("data.sessionId") ?? session
        attribution.project = record.fields.lastPathComponent("data.context.cwd") ?? attribution.project
        attribution.branch = record.fields.text("data.context.branch") ?? attribution.branch
        attribution.repository = record.fields.text("data.context.repository") ?? attribution.repository
        guard record.fields.text("type") == "session.shutdown" else { return [] }
        let time = record.fields.time(text: "timestamp")
        // What tells one process's totals from another's; the same line gives the same, however often it is read.
        let process =
            record.fields.text(firstOf: "id", "data.sessionStartTime", "timestamp")
            ?? context.id(of: record.fields, "shutdown", session: session).description
        var observations: [Observation] = []
        for element in record.elements {
            let model = BoundedText.string(element.name)
            let totals = RunningTotals(
                tokens: try tokens(try Self.figures.element(line, element)), parts: [process, element.name])
            let attribution = attribution
            observations += totals.observations(session: session, time: time, channel: .transcript, context) {
                $0.model = model
                $0.reportedModel = model
                $0.provider = Provider(rawValue: "github")
                $0.attribution = attribution.filled(from: $0.attribution)
            }
        }
        return observations
    }

    private func tokens(_ fields: Attributes) throws(Rejection) -> TokenCounts {
        let input = try fields.count("usage.inputTokens")
        let read = try fields.count("usage.cacheReadTokens")
        let written = try fields.count("usage.cacheWriteTokens")
        let cached = (read ?? 0).addingClamped(written ?? 0)
        return TokenCounts(
            uncachedInput: input.map { $0 >= cached ? $0 - cached : $0 }, cacheRead: read, cacheWrite: written,
            output: try fields.count("usage.outputTokens"), reasoning: try fields.count("usage.reasoningTokens"))
    }
}
