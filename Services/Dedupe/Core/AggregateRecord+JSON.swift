import Metering
public import Wire

extension AggregateRecord {
    /// The record as JSON text, for a store that knows the bucket.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            if let published {
                json.member("number", published.number)
                json.member("revision", published.revision)
                json.member("retracted", published.isRetracted)
            }
            json.member("content", publishedContent?.description)
            json.member("waiting", isWaiting)
            json.key("parts")
            json.array { json in
                for part in parts { json.value(part) }
            }
            if let details {
                json.key("details")
                json.value(details)
            }
        }
        return json.bytes
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `JSONError` when the text is not a record.
    public init(bucket: Bucket, json text: [UInt8]) throws(JSONError) {
        var number: Int64?
        var revision: Int64?
        var isRetracted = false
        var content: ContentID?
        var isWaiting = false
        var parts: [Part] = []
        var details: Details?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "number": number = try json.int64()
            case "revision": revision = try json.int64()
            case "retracted": isRetracted = try json.bool()
            case "content": content = try json.contentID()
            case "waiting": isWaiting = try json.bool()
            case "parts": try json.array { json throws(JSONError) in parts.append(try json.part(of: bucket)) }
            case "details": details = try json.details()
            default: try json.skip()
            }
        }
        try json.finish()
        var published: Published?
        if let number, let revision {
            published = Published(number: number, key: bucket.key, revision: revision)
            published?.isRetracted = isRetracted
        }
        self.init(
            bucket: bucket, published: published, publishedContent: content, isWaiting: isWaiting, parts: parts,
            details: details)
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ part: AggregateRecord.Part) {
        object { json in
            json.member("series", part.series.series.description)
            switch part.series.measure {
            case .tokens(let tokenClass, let within):
                json.member("measure", tokenClass.rawValue)
                json.member("within", within?.rawValue)
            case .cost: json.member("measure", "cost")
            }
            json.member("temporality", part.series.temporality.rawValue)
            json.member("channel", part.series.channel.rawValue)
            if part.series.authority != part.series.channel.defaultAuthority {
                json.member("authority", part.series.authority)
            }
            json.member("baseline", part.baseline?.rawValue)
            json.member("sum", String(part.sum))
            json.member("points", part.points)
            json.member("conflicts", part.conflicts)
            json.member("latest", part.latest)
        }
    }

    fileprivate mutating func value(_ details: AggregateRecord.Details) {
        object { json in
            json.member("observation", details.observation.description)
            json.member("provider", details.provider?.rawValue)
            json.member("model", details.model)
            json.member("reported_model", details.reportedModel)
            json.member("service_tier", details.serviceTier)
            json.member("speed", details.speed)
            json.member("inference_geo", details.inferenceGeo)
            json.member("attribution", details.attribution)
        }
    }
}

extension JSONReader {
    fileprivate mutating func part(of bucket: Bucket) throws(JSONError) -> AggregateRecord.Part {
        let offset = index
        var series: ContentID?
        var measure: String?
        var within: TokenClass?
        var temporality: AggregatePoint.Temporality?
        var channel: Channel?
        var authority: Int64?
        var baseline: AggregateRecord.BaselineMark?
        var sum: Int128?
        var points: Int64 = 0
        var conflicts: Int64 = 0
        var latest: Timestamp?
        try object { key, json throws(JSONError) in
            switch key {
            case "series": series = try json.contentID()
            case "measure": measure = try json.string()
            case "within": within = try json.name(TokenClass.self)
            case "temporality": temporality = try json.name(AggregatePoint.Temporality.self)
            case "channel": channel = try json.name(Channel.self)
            case "authority": authority = try json.int64()
            case "baseline": baseline = try json.name(AggregateRecord.BaselineMark.self)
            case "sum": sum = Int128(try json.string())
            case "points": points = try json.int64()
            case "conflicts": conflicts = try json.int64()
            case "latest": latest = try json.timestamp()
            default: try json.skip()
            }
        }
        guard let series, let measure, let temporality, let channel, let sum, let latest else {
            throw JSONError(.missingMember, at: offset, member: "parts")
        }
        guard let measure = AggregatePoint.Measure(name: measure, within: within) else {
            throw JSONError(.invalidValue, at: offset, member: "measure")
        }
        var part = AggregateRecord.Part(
            series: SeriesIdentity(
                series: series, group: bucket.group, measure: measure, temporality: temporality, channel: channel,
                authority: authority ?? channel.defaultAuthority))
        part.baseline = baseline
        part.sum = sum
        part.points = points
        part.conflicts = conflicts
        part.latest = latest
        return part
    }

    fileprivate mutating func details() throws(JSONError) -> AggregateRecord.Details {
        let start = index
        var observation: ContentID?
        var details = AggregateRecord.Details(observation: ContentID(high: 0, low: 0))
        try object { key, json throws(JSONError) in
            switch key {
            case "observation": observation = try json.contentID()
            case "provider": details.provider = Provider(rawValue: try json.string())
            case "model": details.model = try json.string()
            case "reported_model": details.reportedModel = try json.string()
            case "service_tier": details.serviceTier = try json.string()
            case "speed": details.speed = try json.string()
            case "inference_geo": details.inferenceGeo = try json.string()
            case "attribution": details.attribution = try json.attribution()
            default: try json.skip()
            }
        }
        guard let observation else { throw JSONError(.missingMember, at: start, member: "details") }
        details.observation = observation
        return details
    }
}

extension AggregatePoint.Measure {
    fileprivate init?(name: String, within: TokenClass?) {
        if name == "cost" {
            self = .cost
        } else if let tokenClass = TokenClass(rawValue: name) {
            self = .tokens(tokenClass, within: within)
        } else {
            return nil
        }
    }
}
