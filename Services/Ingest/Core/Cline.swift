import Metering

/// Reads Cline: the files of its sessions, those of its older tasks in an editor, and telemetry.
///
/// In session files input includes the cache; in older files and in telemetry it does not. Telemetry names tasks in
/// another way than files do, so only one of the two may be collected.
struct Cline: HarnessReader {
    let harness: Harness? = Harness(rawValue: "cline")

    func owns(service: String) -> Bool { service == "cline" }
    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("cline.") }

    /// The event with the usage of a request; a turn's event repeats what its requests used.
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let name = record.name
        guard name.equals("task.tokens") || name.equals("cline.task.tokens") else { return [] }
        let attributes = record.attributes
        let tokens = TokenCounts(
            uncachedInput: try attributes.count("tokensIn"), cacheRead: try attributes.count("cacheReadTokens"),
            cacheWrite: try attributes.count("cacheWriteTokens"), output: try attributes.count("tokensOut"))
        let cost = try attributes.cost("totalCost")
        guard !tokens.isEmpty || cost != nil else { throw Rejection(.noUsage) }
        let session = attributes.text(firstOf: "ulid", "taskId")
        let time = record.time ?? attributes.time(text: "timestamp") ?? record.observedTime
        let model = attributes.text("model")
        var observation = context.observation(
            context.id(of: record), channel: .log, session: session, time: time,
            content: .call(
                keys: [context.recordKey(session: session, time: time, model, tokens.vector)], tokens: tokens,
                cost: cost))
        observation.model = model
        observation.reportedModel = model
        observation.provider = attributes.text(firstOf: "provider", "apiProvider").map { Provider(rawValue: $0) }
        observation.attribution.user = context.user(of: attributes)
        observation.trace = TraceContext(traceID: record.traceID, spanID: record.spanID)
        return [observation]
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard point.kind == .sum, let measure = measure(of: point.metric) else { return [] }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let end = point.time ?? context.receivedTime
        let aggregate = AggregatePoint(
            series: context.series(of: point),
            group: context.group(of: point, family: "cline.usage", typeAttribute: "currency"), measure: measure,
            start: point.start, end: end, temporality: temporality, value: try point.value(of: measure))
        var observation = context.observation(
            context.id(of: point), channel: .metric, session: point.attributes.text(firstOf: "ulid", "taskId"),
            time: end, content: .aggregate(aggregate))
        observation.reportedModel = point.attributes.text("model")
        observation.model = observation.reportedModel
        observation.provider = point.attributes.text("provider").map { Provider(rawValue: $0) }
        observation.attribution.user = context.user(of: point.attributes)
        return [observation]
    }

    private func measure(of metric: ArraySlice<UInt8>) -> AggregatePoint.Measure? {
        if metric.equals("cline.tokens.input.total") { return .tokens(.uncachedInput, within: nil) }
        if metric.equals("cline.tokens.output.total") { return .tokens(.output, within: nil) }
        if metric.equals("cline.cache.read.tokens.total") { return .tokens(.cacheRead, within: nil) }
        if metric.equals("cline.cache.write.tokens.total") { return .tokens(.cacheWrite, within: nil) }
        if metric.equals("cline.cost.total") { return .cost }
        return nil
    }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(
                .variable("CLINE_SESSION_DATA_DIR"), .variable("CLINE_DATA_DIR", "sessions"),
                .variable("CLINE_DIR", "data/sessions"), .home(".cline/data/sessions")),
            .init(
                .home(
                    ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks",
                    ".vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/tasks",
                    "Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/tasks")),
        ],
        files: [.init("**/*.messages.json", .document), .init("*/ui_messages.json", .document)],
        marks: ["*.messages.json", "ui_messages.json"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? {
        file.name == "ui_messages.json" ? .document(ClineTask(file)) : .document(ClineSession(file))
    }
}

/// Reads the messages of a session: the last of a turn has the turn's usage.
private struct ClineSession: DocumentReader {
    private static let members = FieldReader(["sessionId", "agent"], each: ["messages"])
    private static let message = FieldReader([
        "id", "role", "ts", "modelInfo.id", "modelInfo.provider", "metrics.inputTokens", "metrics.outputTokens",
        "metrics.cacheReadTokens", "metrics.cacheWriteTokens", "metrics.cost",
    ])

    /// The session by the file's name.
    private let named: String?

    init(_ file: SessionFile) {
        named = BoundedText.string(String(file.name.prefix { $0 != "." }))
    }

    func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let session = try Self.members.document(document)
        let context = records.context
        for (index, element) in session.elements.enumerated() {
            records.add(document[element.range]) { () throws(Rejection) in
                try observations(
                    of: try Self.message.element(document, element), index, session.fields, context)
            }
        }
    }

    private func observations(
        of message: Attributes, _ index: Int, _ file: Attributes, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard message.text("role") == "assistant" else { return [] }
        let read = try message.count("metrics.cacheReadTokens")
        let written = try message.count("metrics.cacheWriteTokens")
        let cached = (read ?? 0).addingClamped(written ?? 0)
        let tokens = TokenCounts(
            uncachedInput: try message.count("metrics.inputTokens").map { $0 >= cached ? $0 - cached : 0 },
            cacheRead: read, cacheWrite: written, output: try message.count("metrics.outputTokens"))
        let cost = try message.cost("metrics.cost")
        guard tokens.hasUsage || cost ?? .zero > .zero else { return [] }
        let session = file.text("sessionId") ?? named
        let id = [session ?? context.source, message.text("id") ?? String(index)].joined(separator: ":")
        var observation = context.observation(
            context.id(of: message, "message", session: session), channel: .transcript, session: session,
            time: message.time(milliseconds: "ts"),
            content: .call(
                keys: [CallKey(space: context.harness.rawValue, kind: .message, value: id)], tokens: tokens, cost: cost)
        )
        observation.model = message.text("modelInfo.id")
        observation.reportedModel = observation.model
        observation.provider = message.text("modelInfo.provider").map { Provider(rawValue: $0) }
        observation.attribution.caller = file.text("agent")
        return [observation]
    }
}

/// Reads the messages of an older task: a request's start is written again with what the request used.
private struct ClineTask: DocumentReader {
    private static let list = FieldReader([], each: [""])
    private static let message = FieldReader(["type", "say", "ts", "text", "modelInfo.modelId", "modelInfo.providerId"])
    private static let request = FieldReader(["tokensIn", "tokensOut", "cacheReads", "cacheWrites", "cost"])

    private let task: String?

    init(_ file: SessionFile) {
        task = file.folders.last.flatMap { BoundedText.string(String($0)) }
    }

    func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let context = records.context
        for element in try Self.list.document(document).elements {
            records.add(document[element.range]) { () throws(Rejection) in
                try observations(of: try Self.message.element(document, element), context)
            }
        }
    }

    private func observations(
        of message: Attributes, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard message.text("type") == "say", message.text("say") == "api_req_started",
            let text = message["text"]?.utf8
        else { return [] }
        let request = try Self.request.line(Array(text)).fields
        let tokens = TokenCounts(
            uncachedInput: try request.count("tokensIn"), cacheRead: try request.count("cacheReads"),
            cacheWrite: try request.count("cacheWrites"), output: try request.count("tokensOut"))
        let cost = try request.cost("cost")
        guard tokens.hasUsage || cost ?? .zero > .zero else { return [] }
        let moment = message.text("ts")
        let id = [task ?? context.source, moment ?? tokens.vector].joined(separator: ":")
        var hasher = RecordHasher("request")
        hasher.add(id)
        hasher.add(request)
        var observation = context.observation(
            hasher.identity(), channel: .transcript, session: task,
            time: message.time(milliseconds: "ts") ?? message.time(text: "ts"),
            content: .call(
                keys: [CallKey(space: context.harness.rawValue, kind: .step, value: id)], tokens: tokens, cost: cost))
        observation.model = message.text("modelInfo.modelId")
        observation.reportedModel = observation.model
        observation.provider = message.text("modelInfo.providerId").map { Provider(rawValue: $0) }
        return [observation]
    }
}
