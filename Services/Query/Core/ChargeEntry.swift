public import Ledger
public import Metering
public import Wire

/// What the ledger reads of a charge when it arrives; the rest of the text is kept and passed on as it is.
public struct ChargeEntry: Hashable, Sendable {
    /// The call's number, the ledger's row.
    public var number: Int64
    /// The call's key.
    public var key: CallKey
    /// Which of the call's charges it is.
    public var version: ChargeVersion
    /// Whether the charge takes an earlier one back.
    public var isRetracted: Bool
    /// Why the revision was made.
    public var reason: Call.Reason
    /// The session.
    public var scope: Scope
    /// When the call ended.
    public var eventTime: Timestamp
    /// Its dimensions.
    public var dimensions: DimensionValues
    /// The continuous-integration run.
    public var run: String?
    /// What it adds to totals.
    public var facts: ChargeFacts

    /// Takes what is needed of a charge.
    public init(_ charge: Charge) {
        let call = charge.call
        number = call.number
        key = call.key
        version = charge.version
        isRetracted = call.isRetracted
        reason = call.reason
        scope = call.scope
        eventTime = call.eventTime
        dimensions = DimensionValues(charge)
        run = call.attribution.ciRun
        facts = ChargeFacts(charge)
    }

    /// Reads a charge's text, passing over what the ledger does not look into, such as evidence.
    ///
    /// - Throws: `JSONError` naming the member at fault, as reading the whole charge would.
    public init(from json: inout JSONReader) throws(JSONError) {
        var fields = Fields()
        try json.object { key, json throws(JSONError) in try fields.read(key, &json) }
        try self.init(fields)
    }

    private init(_ fields: Fields) throws(JSONError) {
        func missing(_ member: String) -> JSONError { JSONError(.missingMember, at: 0, member: member) }
        guard let number = fields.number, number >= 1 else { throw missing("number") }
        guard let key = fields.key else { throw missing("key") }
        guard let revision = fields.revision, revision >= 1 else { throw missing("revision") }
        guard let harness = fields.harness, let session = fields.session else { throw missing("session") }
        guard let eventTime = fields.eventTime else { throw missing("event_time") }
        guard let quality = fields.quality else { throw missing("quality") }
        guard let status = fields.status else { throw missing("rating") }
        self.number = number
        self.key = CallKey(rawValue: key)
        version = ChargeVersion(revision: revision, repricing: fields.repricing)
        self.eventTime = eventTime
        isRetracted = fields.isRetracted
        reason = fields.reason
        scope = Scope(
            tenant: fields.tenant, harness: Harness(rawValue: harness), session: session,
            isSessionKnown: fields.isSessionKnown)
        let attribution = fields.attribution
        dimensions = DimensionValues(values: [
            fields.tenant, harness, fields.provider, fields.model, attribution.project, attribution.repository,
            attribution.branch, attribution.user, attribution.team, attribution.host, attribution.agentName,
            attribution.caller, quality.rawValue, status.rawValue, fields.channel?.rawValue,
        ])
        run = attribution.ciRun
        facts = ChargeFacts(
            tokens: fields.tokens, computedCost: fields.computedCost, reportedCost: fields.reportedCost,
            costParts: fields.costParts, evidence: fields.evidence,
            isCounted: !fields.isRetracted && scope.harness != .canary, quality: quality, status: status,
            isPriceEstimated: fields.isPriceEstimated)
    }
}

/// The members of a charge while they are being read.
private struct Fields {
    var number: Int64?
    var key: String?
    var revision: Int64?
    var isRetracted = false
    var reason = Call.Reason.update
    var tenant = Scope.defaultTenant
    var harness: String?
    var session: String?
    var isSessionKnown = true
    var eventTime: Timestamp?
    var provider: String?
    var model: String?
    var tokens = TokenCounts()
    var reportedCost: Amount?
    var quality: Call.Quality?
    var attribution = Attribution()
    var status: Rating.Status?
    var computedCost: Amount?
    var isPriceEstimated = false
    var costParts = CostParts()
    var evidence = EvidenceCounts()
    var channel: Channel?
    var repricing: Int64 = 0

    mutating func read(_ name: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch name {
        case "number": number = try json.int64()
        case "key": key = try json.string()
        case "revision": revision = try json.int64()
        case "retracted": isRetracted = try json.bool()
        case "reason": reason = try json.name(Call.Reason.self)
        case "tenant": tenant = try json.string()
        case "harness": harness = try json.string()
        case "session": session = try json.string()
        case "session_known": isSessionKnown = try json.bool()
        case "event_time": eventTime = try json.timestamp()
        case "provider": provider = try json.string()
        case "model": model = try json.optionalString()
        case "tokens": tokens = try json.tokenCounts()
        case "reported_cost": reportedCost = try json.amount()
        case "quality": quality = try json.name(Call.Quality.self)
        case "attribution": attribution = try json.attribution()
        case "rating": try readRating(&json)
        case "evidence": try readEvidence(&json)
        default: try json.skip()
        }
    }

    private mutating func readRating(_ json: inout JSONReader) throws(JSONError) {
        try json.object { name, json throws(JSONError) in
            switch name {
            case "status": status = try json.name(Rating.Status.self)
            case "cost": computedCost = try json.amount()
            case "estimated": isPriceEstimated = try json.bool()
            case "cost_by_class": try readCostParts(&json)
            case "repricing": repricing = try json.int64()
            default: try json.skip()
            }
        }
    }

    private mutating func readCostParts(_ json: inout JSONReader) throws(JSONError) {
        try json.object { name, json throws(JSONError) in
            guard let tokenClass = TokenClass(rawValue: name.string) else { return try json.skip() }
            costParts.add(try json.amount(), of: tokenClass)
        }
    }

    /// Counts the reports, and takes the channel of the first that counted; what they say is passed over.
    private mutating func readEvidence(_ json: inout JSONReader) throws(JSONError) {
        try json.object { name, json throws(JSONError) in
            switch name {
            case "items": try json.array { json throws(JSONError) in try readEvidenceItem(&json) }
            case "omitted":
                try json.object { name, json throws(JSONError) in
                    guard let verdict = Evidence.Verdict(rawValue: name.string) else { return try json.skip() }
                    evidence.add(try json.int64(), verdict)
                }
            default: try json.skip()
            }
        }
    }

    private mutating func readEvidenceItem(_ json: inout JSONReader) throws(JSONError) {
        var itemChannel: Channel?
        var verdict: Evidence.Verdict?
        try json.object { name, json throws(JSONError) in
            switch name {
            case "channel": itemChannel = try json.name(Channel.self)
            case "verdict": verdict = try json.name(Evidence.Verdict.self)
            default: try json.skip()
            }
        }
        guard let verdict else { return }
        evidence.add(1, verdict)
        if verdict == .counted, channel == nil { channel = itemChannel }
    }
}
