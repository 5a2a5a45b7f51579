import Metering

/// Reads OpenCode's records, whoever hands them over: rows of its database, files, printed lines, events of its server.
struct OpenCodeRecords: TranscriptReader, DocumentReader, ResultReader {
    private static let step = [
        "id", "sessionID", "messageID", "type", "cost", "tokens.total", "tokens.input", "tokens.output",
        "tokens.reasoning", "tokens.cache.read", "tokens.cache.write",
    ]
    private static let message =
        step + [
            "role", "time.created", "time.completed", "modelID", "providerID", "agent", "mode", "path.root", "model.id",
            "model.providerID",
        ]
    /// A record stands alone, in a row, or in one of three envelopes.
    private static let members = FieldReader(
        message + [
            "session_id", "timestamp", "parentID", "message.created", "message.modelID", "message.providerID",
            "message.agent", "message.root",
        ] + step.map { "part." + $0 } + step.map { "properties.part." + $0 }
            + message.map { "properties.info." + $0 } + message.map { "data." + $0 })

    private let channel: Channel

    init(channel: Channel = .transcript) {
        self.channel = channel
    }

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        // Events of the server come with the name of their field.
        let prefix = Array("data:".utf8)
        let text = line.starts(with: prefix) ? Array(line.dropFirst(prefix.count)) : line
        return try observations(in: try Self.members.line(text).fields, context)
    }

    mutating func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let fields = try Self.members.document(document).fields
        let context = records.context
        records.add(document[...]) { () throws(Rejection) in try observations(in: fields, context) }
    }

    private func observations(in fields: Attributes, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard let step = try OpenCodeStep(fields), let tokens = try step.tokens() else { return [] }
        var observation = context.observation(
            step.identity(context), channel: channel, session: step.session, time: step.time,
            content: .call(keys: step.keys(tokens, context), tokens: tokens, cost: step.cost))
        // The message's own cost is that of all its steps, so a step's part is believed first.
        observation.authority = step.isMessage ? 45 : 40
        observation.pairing = OpenCodeStep.pairing(session: step.session, model: step.model, tokens, context)
        observation.model = step.model
        observation.reportedModel = step.model
        observation.provider = step.provider.map { Provider(rawValue: $0.lowercased()) }
        observation.attribution.agentName = step.agent
        observation.attribution.parentAgentID = step.parent
        observation.attribution.caller = step.parent == nil ? nil : "subagent"
        observation.attribution.project = step.project ?? observation.attribution.project
        return [observation]
    }
}

/// The usage of one step: the part that ends it, or a finished message, which has the usage of its last step.
struct OpenCodeStep {
    /// The id of the part; `nil` for a message.
    private var part: String?
    /// The id of the message.
    private var message: String?
    /// When the message began, in milliseconds: a fork's copy keeps it.
    private var created: String?
    private var total: Int64?
    private var input: Int64?
    private var output: Int64?
    private var reasoning: Int64?
    private var cacheRead: Int64?
    private var cacheWrite: Int64?
    private(set) var cost: Amount?
    private(set) var session: String?
    /// The session that started this one.
    private(set) var parent: String?
    private(set) var time: Timestamp?
    private(set) var model: String?
    private(set) var provider: String?
    private(set) var agent: String?
    private(set) var project: String?

    /// Whether this is a message.
    var isMessage: Bool { part == nil }

    /// Reads the step out of a record; `nil` when the record is about something else.
    init?(_ fields: Attributes) throws(Rejection) {
        let type = fields.text("type")
        if type == "step_finish" || type == "message.part.updated" {
            let isEvent = type == "message.part.updated"
            let inner = fields.below(isEvent ? "properties.part." : "part.")
            guard inner.text("type") == "step-finish" else { return nil }
            try readPart(inner)
            time = fields.time(milliseconds: "timestamp")
            session = session ?? fields.text("sessionID")
        } else if type == "step-finish" {
            try readPart(fields)
            time = fields.time(milliseconds: "timestamp")
            parent = fields.text("parentID")
            created = fields.text("message.created")
            model = fields.text("message.modelID")
            provider = fields.text("message.providerID")
            agent = fields.text("message.agent")
            project = fields.lastPathComponent("message.root")
        } else if type == "message.updated" {
            guard try readMessage(fields.below("properties.info.")) else { return nil }
        } else {
            let row = fields.below("data.")
            guard try readMessage(row.list.isEmpty ? fields : row) else { return nil }
            message = fields.text("id") ?? message
            session = fields.text(firstOf: "sessionID", "session_id") ?? session
            model = fields.text("message.modelID") ?? model
            provider = fields.text("message.providerID") ?? provider
            agent = fields.text("message.agent") ?? agent
            project = fields.lastPathComponent("message.root") ?? project
            // In rows that we asked for; a message's own parent is the question that it answers.
            if type == "message" { parent = fields.text("parentID") }
        }
    }

    private mutating func readPart(_ fields: Attributes) throws(Rejection) {
        part = fields.text("id")
        message = fields.text("messageID")
        session = fields.text("sessionID")
        try readUsage(fields)
    }

    /// Reads a message; `false` for a question, and for an answer that is still being made.
    private mutating func readMessage(_ fields: Attributes) throws(Rejection) -> Bool {
        guard fields.text("role") == "assistant", let completed = fields.time(milliseconds: "time.completed") else {
            return false
        }
        time = completed
        created = fields.text("time.created")
        message = fields.text("id")
        session = fields.text("sessionID")
        model = fields.text(firstOf: "modelID", "model.id")
        provider = fields.text(firstOf: "providerID", "model.providerID")
        agent = fields.text(firstOf: "agent", "mode")
        project = fields.lastPathComponent("path.root")
        try readUsage(fields)
        return true
    }

    private mutating func readUsage(_ fields: Attributes) throws(Rejection) {
        total = try fields.count("tokens.total")
        input = try fields.count("tokens.input")
        output = try fields.count("tokens.output")
        reasoning = try fields.count("tokens.reasoning")
        cacheRead = try fields.count("tokens.cache.read")
        cacheWrite = try fields.count("tokens.cache.write")
        // Zero is what is written when a subscription pays.
        cost = try fields.positiveCost("cost")
    }

    /// The usage in disjoint classes; `nil` when nothing was used.
    func tokens() throws(Rejection) -> TokenCounts? {
        var tokens = TokenCounts(
            uncachedInput: input, cacheRead: cacheRead, cacheWrite: cacheWrite, output: output, reasoning: reasoning)
        if let output, let reasoning, reasoning > 0, isReasoningBeside(output, reasoning) {
            tokens.output = output.addingClamped(reasoning)
        }
        return tokens.hasUsage || cost != nil ? tokens : nil
    }

    private func isReasoningBeside(_ output: Int64, _ reasoning: Int64) -> Bool {
        // More reasoning than output cannot be a part of it.
        guard let total else { return reasoning > output }
        let rest = [input, cacheRead, cacheWrite].reduce(output) { $0.addingClamped($1 ?? 0) }
        return total == rest.addingClamped(reasoning)
    }

    /// The keys, best first: the part; the message and what it used, which tells a step of it from the others, since each
    /// step has more input than the one before; and the same without ids, for the copies that forks make.
    func keys(_ tokens: TokenCounts, _ context: ReadingContext) -> [CallKey] {
        var values: [String] = []
        if let part { values.append(part) }
        if let message { values.append(message + ":" + tokens.vector) }
        if let created, let model, let provider {
            values.append([provider, model, created, tokens.vector].joined(separator: ":"))
        }
        if values.isEmpty { return [context.recordKey(session: session, time: time, tokens.vector)] }
        return values.map { CallKey(space: context.harness.rawValue, kind: .step, value: $0) }
    }

    /// Identity of what is said here: the same for a row that is read again, whoever hands it over.
    func identity(_ context: ReadingContext) -> ContentID {
        var hasher = RecordHasher("step")
        hasher.add(context.harness.rawValue)
        for text in [part, message, created, session, model, provider] { hasher.add(text ?? "") }
        hasher.add(time)
        for count in [total, input, output, reasoning, cacheRead, cacheWrite] { hasher.add(count) }
        hasher.add(cost?.picodollars)
        return hasher.identity()
    }

    /// What pairs a step with a span: spans do not always tell written tokens from uncached ones.
    static func pairing(
        session: String?, model: String?, _ tokens: TokenCounts, _ context: ReadingContext
    ) -> ContentID? {
        context.pairing(session: session, model: nil, tokens.inputTokens, tokens.cacheRead, tokens.output)
    }
}
