import Metering

/// Reads OpenCode: its database and older files, what `run --format json` prints, events of its server, and spans.
///
/// A message is made in steps. Each step is one call and ends in a part with its usage; the message itself has the usage of
/// its last step alone, but the cost of all. Input excludes the cache; whether reasoning stands inside output changed over
/// time, and totals tell. A fork's copies have new ids and the same times, costs and tokens.
struct OpenCode: HarnessReader {
    let harness: Harness? = Harness(rawValue: "opencode")

    func owns(service: String) -> Bool { service == "opencode" }
    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("opencode.") }

    /// Spans know neither steps nor costs: they are paired with steps by what was used.
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard AISDKSpan.isRequest(span.attributes) != nil else { return [] }
        return try GenAIConventions().observations(in: span, context).map { call in
            guard case .call(let keys, let tokens, let cost) = call.content else { return call }
            var call = call
            // The response's id, which steps do not know, would make the span a call of its own.
            let own = keys.filter { $0.kind == .span || $0.kind == .record }
            call.content = .call(keys: own.isEmpty ? keys : own, tokens: tokens, cost: cost)
            call.authority = 42
            call.pairing = OpenCodeStep.pairing(session: call.session, model: call.model, tokens, context)
            return call
        }
    }

    /// Counters of a plugin, which may be called like those of another harness: their types are disjoint.
    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard point.metric.hasSuffix(".token.usage"), point.kind == .sum else {
            return try GenAIConventions().observations(in: point, context)
        }
        guard case .text(let type)? = point.attributes["type"] else {
            throw Rejection(.unknownTokenType, field: "type")
        }
        let tokenClass: TokenClass
        if type.equals("input") {
            tokenClass = .uncachedInput
        } else if type.equals("output") {
            tokenClass = .output
        } else if type.equals("cacheRead") {
            tokenClass = .cacheRead
        } else if type.equals("cacheCreation") {
            tokenClass = .cacheWrite
        } else if type.equals("reasoning") {
            tokenClass = .reasoning
        } else {
            throw Rejection(.unknownTokenType, field: "type")
        }
        guard let temporality = point.temporality else {
            throw Rejection(.unknownTemporality, field: "aggregationTemporality")
        }
        let measure = AggregatePoint.Measure.tokens(tokenClass, within: nil)
        let end = point.time ?? context.receivedTime
        let aggregate = AggregatePoint(
            series: context.series(of: point),
            group: context.group(of: point, family: "token.usage", typeAttribute: "type"), measure: measure,
            start: point.start, end: end, temporality: temporality, value: try point.value(of: measure))
        var observation = context.observation(
            context.id(of: point), channel: .metric, session: point.attributes.text("session.id"), time: end,
            content: .aggregate(aggregate))
        observation.reportedModel = point.attributes.text("model")
        observation.model = observation.reportedModel
        observation.attribution.user = context.user(of: point.attributes)
        return [observation]
    }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(
                .variable("OPENCODE_DATA_DIR"), .variable("XDG_DATA_HOME", "opencode"), .home(".local/share/opencode"))
        ],
        files: [
            .init("opencode.db", .database(queries: OpenCodeDatabase.queries)),
            .init("opencode-*.db", .database(queries: OpenCodeDatabase.queries)),
            .init("storage/message/**/*.json", .document), .init("storage/part/**/*.json", .document),
        ],
        marks: [
            "opencode.db", "opencode-*.db", "storage/message/**/msg_*.json", "storage/part/**/prt_*.json",
        ])

    func makeSessionReader(of file: SessionFile) -> SessionReader? {
        if file.name.hasSuffix(".db") {
            return OpenCodeDatabase.isInUse(file.name) ? .lines(OpenCodeRecords()) : nil
        }
        return file.name.hasSuffix(".json") ? .document(OpenCodeRecords()) : .lines(OpenCodeRecords())
    }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { OpenCodeRecords(channel: .result) }
}

/// The database, which holds messages, their parts and sessions as rows with a JSON text each.
enum OpenCodeDatabase {
    /// What to ask for: the steps, and the messages that have none; no content leaves the database.
    static let queries = [steps, stepless, messagesOfNewerBuilds]

    /// Whether a database is the harness's, or one of its release channels', and not a copy that lies beside it.
    static func isInUse(_ name: Substring) -> Bool {
        guard name.hasSuffix(".db") else { return false }
        let stem = name.dropLast(3)
        if stem == "opencode" { return true }
        guard stem.hasPrefix("opencode-") else { return false }
        let channel = stem.dropFirst("opencode-".count)
        let isWord = channel.allSatisfy { $0.isASCII && $0.isLowercase }
        return isWord && !channel.isEmpty && !["backup", "bak", "copy", "old", "orig", "tmp"].contains(String(channel))
    }

    private static let message = """
        'message', json_object('created', json_extract(m.data, '$.time.created'), \
        'modelID', json_extract(m.data, '$.modelID'), 'providerID', json_extract(m.data, '$.providerID'), \
        'agent', coalesce(json_extract(m.data, '$.agent'), json_extract(m.data, '$.mode')), \
        'root', json_extract(m.data, '$.path.root'))
        """

    /// A row that is damaged must not end the query.
    private static let isStepEnd = """
        CASE WHEN json_valid(p.data) THEN json_extract(p.data, '$.type') END = 'step-finish'
        """

    private static let steps = """
        SELECT json_object('type', 'step-finish', 'id', p.id, 'sessionID', p.session_id, 'messageID', p.message_id, \
        'parentID', s.parent_id, 'timestamp', p.time_created, 'cost', json_extract(p.data, '$.cost'), \
        'tokens', json_extract(p.data, '$.tokens'), \(message)) \
        FROM part p JOIN message m ON m.id = p.message_id LEFT JOIN session s ON s.id = p.session_id \
        WHERE json_valid(m.data) AND \(isStepEnd) ORDER BY p.time_created, p.id
        """

    private static let stepless = """
        SELECT json_object('type', 'message', 'id', m.id, 'sessionID', m.session_id, 'parentID', s.parent_id, \
        'role', 'assistant', 'time', json_extract(m.data, '$.time'), 'cost', json_extract(m.data, '$.cost'), \
        'tokens', json_extract(m.data, '$.tokens'), \(message)) \
        FROM message m LEFT JOIN session s ON s.id = m.session_id \
        WHERE CASE WHEN json_valid(m.data) THEN json_extract(m.data, '$.role') END = 'assistant' AND NOT EXISTS \
        (SELECT 1 FROM part p WHERE p.message_id = m.id AND \(isStepEnd)) ORDER BY m.time_created, m.id
        """

    private static let messagesOfNewerBuilds = """
        SELECT json_object('type', 'message', 'id', m.id, 'sessionID', m.session_id, 'role', 'assistant', \
        'time', json_extract(m.data, '$.time'), 'cost', json_extract(m.data, '$.cost'), \
        'tokens', json_extract(m.data, '$.tokens'), \
        'message', json_object('created', json_extract(m.data, '$.time.created'), \
        'modelID', coalesce(json_extract(m.data, '$.model.id'), json_extract(m.data, '$.modelID')), \
        'providerID', coalesce(json_extract(m.data, '$.model.providerID'), json_extract(m.data, '$.providerID')), \
        'agent', json_extract(m.data, '$.agent'))) \
        FROM session_message m WHERE m.type = 'assistant' AND json_valid(m.data) ORDER BY m.time_created, m.id
        """
}
