public import Wire

extension IngestEvent {
    /// The event as JSON text for the bus.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 768)
        switch self {
        case .observation(let observation): observation.write(to: &json)
        case .deadLetter(let letter): letter.write(to: &json)
        }
        return json.bytes
    }

    /// Reads an event from the bus.
    ///
    /// - Throws: `JSONError` when the text is not an observation or a dead letter of this version.
    public init(from json: inout JSONReader) throws(JSONError) {
        var fields = ObservationFields()
        try json.object { key, json throws(JSONError) in try fields.read(key, &json) }
        try json.finish()
        self = try fields.event()
    }
}

extension Observation {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", "observation")
            json.member("id", id.description)
            json.member("tenant", tenant)
            json.member("harness", harness.rawValue)
            json.member("session", session)
            json.member("channel", channel.rawValue)
            json.member("source", source)
            json.member("event_time", eventTime)
            json.member("received_time", receivedTime)
            json.member("provider", provider?.rawValue)
            json.member("model", model)
            json.member("reported_model", reportedModel)
            switch content {
            case .call(let keys, let tokens, let cost):
                json.key("keys")
                json.array { json in
                    for key in keys { json.string(key.rawValue) }
                }
                json.member("tokens", tokens)
                json.member("billed_parts", billedParts)
                json.member("reported_cost", cost)
            case .aggregate(let point):
                json.key("point")
                point.write(to: &json)
            }
            json.member("service_tier", serviceTier)
            json.member("speed", speed)
            json.member("inference_geo", inferenceGeo)
            json.member("web_search_requests", webSearchRequests)
            if authority != channel.defaultAuthority { json.member("authority", authority) }
            json.member("pairing", pairing?.description)
            json.member("attribution", attribution)
            json.member("trace", trace)
        }
    }
}

extension AggregatePoint {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("series", series.description)
            json.member("group", group.description)
            switch measure {
            case .tokens(let tokenClass, let within):
                json.member("measure", tokenClass.rawValue)
                json.member("within", within?.rawValue)
            case .cost:
                json.member("measure", "cost")
            }
            json.member("start", start)
            json.member("end", end)
            json.member("temporality", temporality.rawValue)
            json.key("value")
            json.integerString(value)
            guard let baseline else { return }
            json.key("baseline")
            json.object { json in
                json.member("series", baseline.series.description)
                json.member("at", baseline.at)
            }
        }
    }

    init(from json: inout JSONReader) throws(JSONError) {
        let offset = json.index
        var series: ContentID?
        var group: ContentID?
        var measure: String?
        var within: TokenClass?
        var start: Timestamp?
        var end: Timestamp?
        var temporality: Temporality?
        var value: Int64?
        var baseline: Baseline?
        try json.object { key, json throws(JSONError) in
            switch key {
            case "series": series = try json.contentID()
            case "group": group = try json.contentID()
            case "measure": measure = try json.string()
            case "within": within = try json.name(TokenClass.self)
            case "start": start = try json.timestamp()
            case "end": end = try json.timestamp()
            case "temporality": temporality = try json.name(Temporality.self)
            case "value": value = try json.int64()
            case "baseline": baseline = try Baseline(from: &json)
            default: try json.skip()
            }
        }
        guard let series, let group, let measure, let end, let temporality, let value, value >= 0 else {
            throw JSONError(.missingMember, at: offset, member: "point")
        }
        let counted: Measure
        if measure == "cost" {
            counted = .cost
        } else if let tokenClass = TokenClass(rawValue: measure) {
            counted = .tokens(tokenClass, within: within)
        } else {
            throw JSONError(.invalidValue, at: offset, member: "measure")
        }
        self.init(
            series: series, group: group, measure: counted, start: start, end: end, temporality: temporality,
            value: value, baseline: baseline)
    }
}

extension AggregatePoint.Baseline {
    fileprivate init(from json: inout JSONReader) throws(JSONError) {
        let offset = json.index
        var series: ContentID?
        var at: Timestamp?
        try json.object { key, json throws(JSONError) in
            switch key {
            case "series": series = try json.contentID()
            case "at": at = try json.timestamp()
            default: try json.skip()
            }
        }
        guard let series, let at else { throw JSONError(.missingMember, at: offset, member: "baseline") }
        self.init(series: series, at: at)
    }
}

extension DeadLetter {
    /// Writes the letter as an object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", "dead_letter")
            json.member("id", id.description)
            json.member("tenant", tenant)
            json.member("stage", stage)
            json.member("reason", reason)
            json.member("harness", harness?.rawValue)
            json.member("channel", channel?.rawValue)
            json.member("field", field)
            json.member("size", size)
            json.member("received_time", time)
        }
    }
}

/// The members of an ingest event while they are being read.
private struct ObservationFields {
    var kind = ""
    var id: ContentID?
    var tenant = Scope.defaultTenant
    var harness: Harness?
    var session: String?
    var channel: Channel?
    var source = ""
    var eventTime: Timestamp?
    var receivedTime: Timestamp?
    var provider: Provider?
    var model: String?
    var reportedModel: String?
    var keys: [CallKey] = []
    var tokens = TokenCounts()
    var billedParts: [TokenCounts] = []
    var cost: Amount?
    var point: AggregatePoint?
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    var webSearchRequests: Int64?
    var authority: Int64?
    var pairing: ContentID?
    var attribution = Attribution()
    var trace: TraceContext?
    var stage: String?
    var reason: String?
    var field: String?
    var size: Int64?

    mutating func read(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "kind": kind = try json.string()
        case "id": id = try json.contentID()
        case "tenant": tenant = try json.string()
        case "harness": harness = Harness(rawValue: try json.string())
        case "session": session = try json.optionalString()
        case "channel": channel = try json.name(Channel.self)
        case "source": source = try json.string()
        case "event_time": eventTime = try json.timestamp()
        case "received_time": receivedTime = try json.timestamp()
        case "provider": provider = Provider(rawValue: try json.string())
        case "model": model = try json.optionalString()
        case "reported_model": reportedModel = try json.optionalString()
        case "keys":
            var keys: [CallKey] = []
            try json.array { json throws(JSONError) in keys.append(CallKey(rawValue: try json.string())) }
            self.keys = keys
        case "tokens": tokens = try json.tokenCounts()
        case "reported_cost": cost = try json.amount()
        case "point": point = try AggregatePoint(from: &json)
        default: try readDetail(key, &json)
        }
    }

    private mutating func readDetail(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "service_tier": serviceTier = try json.string()
        case "speed": speed = try json.string()
        case "inference_geo": inferenceGeo = try json.string()
        case "web_search_requests": webSearchRequests = try json.int64()
        case "authority": authority = try json.int64()
        case "pairing": pairing = try json.contentID()
        case "billed_parts": billedParts = try json.billedParts()
        case "attribution": attribution = try json.attribution()
        case "trace": trace = try json.traceContext()
        case "stage": stage = try json.string()
        case "reason": reason = try json.string()
        case "field": field = try json.string()
        case "size": size = try json.int64()
        default: try json.skip()
        }
    }

    func event() throws(JSONError) -> IngestEvent {
        guard let id, let receivedTime else { throw JSONError(.missingMember, at: 0, member: "id") }
        if kind == "dead_letter" {
            guard let stage, let reason else { throw JSONError(.missingMember, at: 0, member: "reason") }
            var letter = DeadLetter(id: id, tenant: tenant, stage: stage, reason: reason, time: receivedTime)
            letter.harness = harness
            letter.channel = channel
            letter.field = field
            letter.size = size
            return .deadLetter(letter)
        }
        guard kind == "observation" else { throw JSONError(.invalidValue, at: 0, member: "kind") }
        guard let harness else { throw JSONError(.missingMember, at: 0, member: "harness") }
        guard let channel else { throw JSONError(.missingMember, at: 0, member: "channel") }
        guard let eventTime else { throw JSONError(.missingMember, at: 0, member: "event_time") }
        let content: Observation.Content
        if let point {
            content = .aggregate(point)
        } else {
            guard !keys.isEmpty else { throw JSONError(.missingMember, at: 0, member: "keys") }
            for tokenClass in TokenClass.allCases where (tokens[tokenClass] ?? 0) < 0 {
                throw JSONError(.invalidValue, at: 0, member: "tokens")
            }
            content = .call(keys: keys, tokens: tokens, cost: cost)
        }
        var observation = Observation(
            id: id, tenant: tenant, harness: harness, session: session, channel: channel, source: source,
            eventTime: eventTime, receivedTime: receivedTime, content: content)
        observation.provider = provider
        observation.model = model
        observation.reportedModel = reportedModel
        observation.billedParts = billedParts
        observation.serviceTier = serviceTier
        observation.speed = speed
        observation.inferenceGeo = inferenceGeo
        observation.webSearchRequests = webSearchRequests
        observation.authority = authority ?? channel.defaultAuthority
        observation.pairing = pairing
        observation.attribution = attribution
        observation.trace = trace
        return .observation(observation)
    }
}
