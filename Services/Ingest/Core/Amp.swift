import Metering

/// Reads the threads of Amp: the events of their ledger, or, in a thread that has none, the usage of its messages.
///
/// Both tell of the same calls. The ledger knows when, messages know the cache. Credits are no money and are not read.
struct Amp: HarnessReader {
    let harness: Harness? = Harness(rawValue: "amp")

    func owns(service: String) -> Bool { service == "amp" }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(
                .variable("AMP_DATA_DIR", "threads"), .variable("XDG_DATA_HOME", "amp/threads"),
                .home(".local/share/amp/threads"))
        ],
        files: [.init("*.json", .document)])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .document(AmpThread(file)) }
}

/// Reads a thread.
private struct AmpThread: DocumentReader {
    private static let members = FieldReader(["id", "created"], each: ["messages", "usageLedger.events"])
    private static let event = FieldReader([
        "id", "timestamp", "model", "operationType", "toMessageId", "tokens.input", "tokens.output",
        "tokens.cacheReadInputTokens", "tokens.cacheCreationInputTokens",
    ])
    private static let message = FieldReader([
        "role", "messageId", "usage.model", "usage.inputTokens", "usage.outputTokens", "usage.cacheReadInputTokens",
        "usage.cacheCreationInputTokens", "usage.timestamp",
    ])

    /// The thread by the file's name.
    private let named: String?

    init(_ file: SessionFile) {
        named = BoundedText.string(String(file.name.prefix { $0 != "." }))
    }

    func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let thread = try Self.members.document(document)
        let session = thread.fields.text("id") ?? named
        let started = thread.fields.time(milliseconds: "created")
        let events = thread.elements.filter { $0.container == "usageLedger.events" }
        let messages = thread.elements.filter { $0.container == "messages" }
        let context = records.context
        guard !events.isEmpty else {
            for element in messages {
                records.add(document[element.range]) { () throws(Rejection) in
                    let fields = try Self.message.element(document, element)
                    return try call(of: fields, session, started, context)
                }
            }
            return
        }
        var usage: [String: Attributes] = [:]
        for element in messages {
            guard let fields = try? Self.message.element(document, element), let id = fields.text("messageId") else {
                continue
            }
            usage[id] = fields
        }
        for element in events {
            records.add(document[element.range]) { () throws(Rejection) in
                let fields = try Self.event.element(document, element)
                let answer = fields.text("toMessageId").flatMap { usage[$0] }
                return try call(of: fields, answeredBy: answer, session, started, context)
            }
        }
    }

    private func call(
        of event: Attributes, answeredBy message: Attributes?, _ session: String?, _ started: Timestamp?,
        _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        var tokens = TokenCounts(
            uncachedInput: try event.count("tokens.input"),
            cacheRead: try event.count("tokens.cacheReadInputTokens"),
            cacheWrite: try event.count("tokens.cacheCreationInputTokens"), output: try event.count("tokens.output"))
        if tokens.cacheRead == nil { tokens.cacheRead = try message?.count("usage.cacheReadInputTokens") }
        if tokens.cacheWrite == nil { tokens.cacheWrite = try message?.count("usage.cacheCreationInputTokens") }
        var keys = Self.keys(message: event.text("toMessageId"), session, context)
        if let id = event.text("id") { keys.append(Self.key("event:" + id, session, context)) }
        return observations(
            event, tokens, keys, time: event.time(text: "timestamp") ?? started, model: event.text("model"), session,
            context)
    }

    private func call(
        of message: Attributes, _ session: String?, _ started: Timestamp?, _ context: ReadingContext
    ) throws(Rejection) -> [Observation] {
        guard message.text("role") == "assistant" else { return [] }
        let tokens = TokenCounts(
            uncachedInput: try message.count("usage.inputTokens"),
            cacheRead: try message.count("usage.cacheReadInputTokens"),
            cacheWrite: try message.count("usage.cacheCreationInputTokens"),
            output: try message.count("usage.outputTokens"))
        return observations(
            message, tokens, Self.keys(message: message.text("messageId"), session, context),
            time: message.time(text: "usage.timestamp") ?? started, model: message.text("usage.model"), session, context
        )
    }

    private func observations(
        _ fields: Attributes, _ tokens: TokenCounts, _ keys: [CallKey], time: Timestamp?, model: String?,
        _ session: String?, _ context: ReadingContext
    ) -> [Observation] {
        guard tokens.hasUsage else { return [] }
        var hasher = RecordHasher("usage")
        hasher.add(context.id(of: fields, "record", session: session))
        hasher.add(tokens.vector)
        let own = context.recordKey(session: session, time: time, model, tokens.vector)
        var observation = context.observation(
            hasher.identity(), channel: .transcript, session: session, time: time,
            content: .call(keys: keys.isEmpty ? [own] : keys, tokens: tokens, cost: nil))
        observation.model = model
        observation.reportedModel = model
        return [observation]
    }

    /// The key of the message that a call made: events name it too.
    private static func keys(message: String?, _ session: String?, _ context: ReadingContext) -> [CallKey] {
        message.map { [key($0, session, context)] } ?? []
    }

    private static func key(_ id: String, _ session: String?, _ context: ReadingContext) -> CallKey {
        CallKey(
            space: context.harness.rawValue, kind: .message, value: (session ?? context.source) + ":" + id)
    }
}
