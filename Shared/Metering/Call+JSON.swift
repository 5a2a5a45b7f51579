public import Wire

extension CallTransaction {
    /// The transaction as JSON text for the bus: `{"calls":[ … ]}`, and `reconciliations` where there are some.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            json.key("calls")
            json.array { json in
                for call in calls { json.object { json in json.members(of: call) } }
            }
            guard !reconciliations.isEmpty else { return }
            json.key("reconciliations")
            json.array { json in
                for record in reconciliations { json.reconciliation(record) }
            }
        }
        return json.bytes
    }

    /// Reads a transaction from the bus.
    public init(from json: inout JSONReader) throws(JSONError) {
        var calls: [Call]?
        var reconciliations: [ReconciliationRecord] = []
        try json.object { key, json throws(JSONError) in
            switch key {
            case "calls":
                var list: [Call] = []
                try json.array { json throws(JSONError) in
                    var fields = CallFields()
                    try json.object { key, json throws(JSONError) in
                        if try !fields.read(key, &json) { try json.skip() }
                    }
                    list.append(try fields.call())
                }
                calls = list
            case "reconciliations":
                try json.array { json throws(JSONError) in reconciliations.append(try json.reconciliation()) }
            default: try json.skip()
            }
        }
        try json.finish()
        guard let calls else { throw JSONError(.missingMember, at: 0, member: "calls") }
        self.init(calls: calls, reconciliations: reconciliations)
    }
}

extension JSONWriter {
    /// Writes a call's members into the object that is open.
    public mutating func members(of call: Call) {
        member("number", call.number)
        member("key", call.key.rawValue)
        member("revision", call.revision)
        if call.isRetracted { member("retracted", true) }
        member("reason", call.reason.rawValue)
        member("replacement", call.replacement?.rawValue)
        members(of: call.scope)
        member("event_time", call.eventTime)
        member("provider", call.provider?.rawValue)
        member("model", call.model)
        member("reported_model", call.reportedModel)
        member("tokens", call.tokens)
        member("billed_parts", call.billedParts)
        member("reported_cost", call.reportedCost)
        member("quality", call.quality.rawValue)
        member("service_tier", call.serviceTier)
        member("speed", call.speed)
        member("inference_geo", call.inferenceGeo)
        member("web_search_requests", call.webSearchRequests)
        member("attribution", call.attribution)
        member("trace", call.trace)
        member("evidence", call.evidence)
    }

    /// Writes evidence as an object, or nothing when there is none.
    public mutating func member(_ name: StaticString, _ evidence: Evidence) {
        guard !evidence.items.isEmpty || !evidence.omitted.isEmpty else { return }
        key(name)
        object { json in
            json.key("items")
            json.array { json in
                for item in evidence.items { json.value(item) }
            }
            guard !evidence.omitted.isEmpty else { return }
            json.key("omitted")
            json.object { json in
                for verdict in Evidence.Verdict.allCases {
                    guard let count = evidence.omitted[verdict] else { continue }
                    json.key(dynamic: verdict.rawValue)
                    json.integer(count)
                }
            }
        }
    }

    private mutating func value(_ item: Evidence.Item) {
        object { json in
            json.member("observation", item.observation.description)
            json.member("channel", item.channel.rawValue)
            json.member("session", item.session)
            json.member("event_time", item.eventTime)
            json.member("tokens", item.tokens)
            json.member("reported_cost", item.cost)
            json.member("verdict", item.verdict.rawValue)
            json.member("rule", item.rule)
        }
    }
}

/// The members of a call while they are being read; shared by every event that carries a call's members.
public struct CallFields {
    private var number: Int64?
    private var key: CallKey?
    private var revision: Int64?
    private var isRetracted = false
    private var reason = Call.Reason.update
    private var replacement: CallKey?
    private var tenant = Scope.defaultTenant
    private var harness: Harness?
    private var session: String?
    private var isSessionKnown = true
    private var eventTime: Timestamp?
    private var provider: Provider?
    private var model: String?
    private var reportedModel: String?
    private var tokens = TokenCounts()
    private var billedParts: [TokenCounts] = []
    private var reportedCost: Amount?
    private var quality: Call.Quality?
    private var serviceTier: String?
    private var speed: String?
    private var inferenceGeo: String?
    private var webSearchRequests: Int64?
    private var attribution = Attribution()
    private var trace: TraceContext?
    private var evidence = Evidence()

    /// Starts with nothing read.
    public init() {}

    /// Reads a member's value if it belongs to a call and tells whether it did.
    public mutating func read(_ name: JSONKey, _ json: inout JSONReader) throws(JSONError) -> Bool {
        switch name {
        case "number": number = try json.int64()
        case "key": key = CallKey(rawValue: try json.string())
        case "revision": revision = try json.int64()
        case "retracted": isRetracted = try json.bool()
        case "reason": reason = try json.name(Call.Reason.self)
        case "tenant": tenant = try json.string()
        case "harness": harness = Harness(rawValue: try json.string())
        case "session": session = try json.string()
        case "session_known": isSessionKnown = try json.bool()
        case "event_time": eventTime = try json.timestamp()
        case "provider": provider = Provider(rawValue: try json.string())
        case "model": model = try json.optionalString()
        case "reported_model": reportedModel = try json.optionalString()
        case "tokens": tokens = try json.tokenCounts()
        case "reported_cost": reportedCost = try json.amount()
        default: return try readDetail(name, &json)
        }
        return true
    }

    private mutating func readDetail(_ name: JSONKey, _ json: inout JSONReader) throws(JSONError) -> Bool {
        switch name {
        case "replacement": replacement = CallKey(rawValue: try json.string())
        case "quality": quality = try json.name(Call.Quality.self)
        case "service_tier": serviceTier = try json.string()
        case "speed": speed = try json.string()
        case "inference_geo": inferenceGeo = try json.string()
        case "web_search_requests": webSearchRequests = try json.int64()
        case "billed_parts": billedParts = try json.billedParts()
        case "attribution": attribution = try json.attribution()
        case "trace": trace = try json.traceContext()
        case "evidence": evidence = try json.evidence()
        default: return false
        }
        return true
    }

    /// The call, once every member was read.
    ///
    /// - Throws: `JSONError` naming the first required member that was missing.
    public func call() throws(JSONError) -> Call {
        guard let number, number >= 1 else { throw JSONError(.missingMember, at: 0, member: "number") }
        guard let key else { throw JSONError(.missingMember, at: 0, member: "key") }
        guard let revision, revision >= 1 else { throw JSONError(.missingMember, at: 0, member: "revision") }
        guard let harness, let session else { throw JSONError(.missingMember, at: 0, member: "session") }
        guard let eventTime else { throw JSONError(.missingMember, at: 0, member: "event_time") }
        guard let quality else { throw JSONError(.missingMember, at: 0, member: "quality") }
        var call = Call(
            number: number, key: key, revision: revision, reason: reason,
            scope: Scope(tenant: tenant, harness: harness, session: session, isSessionKnown: isSessionKnown),
            eventTime: eventTime, tokens: tokens, quality: quality)
        call.isRetracted = isRetracted
        call.replacement = replacement
        call.provider = provider
        call.model = model
        call.reportedModel = reportedModel
        call.billedParts = billedParts
        call.reportedCost = reportedCost
        call.serviceTier = serviceTier
        call.speed = speed
        call.inferenceGeo = inferenceGeo
        call.webSearchRequests = webSearchRequests
        call.attribution = attribution
        call.trace = trace
        call.evidence = evidence
        return call
    }
}

extension JSONReader {
    /// Reads evidence.
    public mutating func evidence() throws(JSONError) -> Evidence {
        var evidence = Evidence()
        try object { key, json throws(JSONError) in
            switch key {
            case "items":
                var items: [Evidence.Item] = []
                try json.array { json throws(JSONError) in items.append(try json.evidenceItem()) }
                evidence.items = items
            case "omitted":
                var omitted: [Evidence.Verdict: Int64] = [:]
                try json.object { key, json throws(JSONError) in
                    guard let verdict = Evidence.Verdict(rawValue: key.string) else { return try json.skip() }
                    omitted[verdict] = try json.int64()
                }
                evidence.omitted = omitted
            default: try json.skip()
            }
        }
        return evidence
    }

    private mutating func evidenceItem() throws(JSONError) -> Evidence.Item {
        let offset = index
        var observation: ContentID?
        var channel: Channel?
        var session: String?
        var eventTime: Timestamp?
        var tokens = TokenCounts()
        var cost: Amount?
        var verdict: Evidence.Verdict?
        var rule = ""
        try object { key, json throws(JSONError) in
            switch key {
            case "observation": observation = try json.contentID()
            case "channel": channel = try json.name(Channel.self)
            case "session": session = try json.string()
            case "event_time": eventTime = try json.timestamp()
            case "tokens": tokens = try json.tokenCounts()
            case "reported_cost": cost = try json.amount()
            case "verdict": verdict = try json.name(Evidence.Verdict.self)
            case "rule": rule = try json.string()
            default: try json.skip()
            }
        }
        guard let observation, let channel, let eventTime, let verdict else {
            throw JSONError(.missingMember, at: offset, member: "evidence")
        }
        return Evidence.Item(
            observation: observation, channel: channel, session: session, eventTime: eventTime, tokens: tokens,
            cost: cost, verdict: verdict, rule: rule)
    }
}
