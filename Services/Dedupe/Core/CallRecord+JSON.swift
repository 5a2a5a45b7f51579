import Metering
public import Wire

extension CallRecord {
    /// The record as JSON text, for a store.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            json.member("key", key.rawValue)
            json.member("number", published?.number)
            json.member("revision", published?.revision)
            if published?.isRetracted ?? false { json.member("retracted", true) }
            json.key("reports")
            json.array { json in
                for report in reports { json.raw(report.json) }
            }
            // Without folded reports, channels and origin follow from the reports.
            guard !folded.isEmpty else { return }
            json.key("folded")
            json.array { json in
                for id in folded { json.string(id.description) }
            }
            json.key("channels")
            json.array { json in
                for channel in channels { json.value(channel) }
            }
            json.key("origin")
            json.object { json in
                json.members(of: origin.scope)
                json.member("event_time", origin.eventTime)
                json.member("authority", origin.authority)
            }
        }
        return json.bytes
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `JSONError` when the text is not a record.
    public init(json text: [UInt8]) throws(JSONError) {
        var key: CallKey?
        var number: Int64?
        var revision: Int64?
        var isRetracted = false
        var reports: [Report] = []
        var folded: [ContentID] = []
        var channels: [ChannelFigures] = []
        var origin: Origin?
        var json = JSONReader(text)
        try json.object { name, json throws(JSONError) in
            switch name {
            case "key": key = CallKey(rawValue: try json.string())
            case "number": number = try json.int64()
            case "revision": revision = try json.int64()
            case "retracted": isRetracted = try json.bool()
            case "reports":
                try json.array { json throws(JSONError) in
                    let range = try json.raw()
                    var reader = JSONReader(text, in: range)
                    guard case .observation(let observation) = try IngestEvent(from: &reader) else { return }
                    reports.append(Report(observation, text: text[range]))
                }
            case "folded": try json.array { json throws(JSONError) in folded.append(try json.contentID()) }
            case "channels": try json.array { json throws(JSONError) in channels.append(try json.channelFigures()) }
            case "origin": origin = try json.origin()
            default: try json.skip()
            }
        }
        try json.finish()
        guard let key, let first = reports.first else { throw JSONError(.missingMember, at: 0, member: "reports") }
        var published: Published?
        if let number, let revision {
            published = Published(number: number, key: key, revision: revision)
            published?.isRetracted = isRetracted
        }
        if let origin, !channels.isEmpty {
            self.init(
                key: key, published: published, reports: reports, folded: folded, channels: channels, origin: origin)
        } else {
            self.init(first, key: key)
            for report in reports.dropFirst() { insert(report, key: key) }
            self.published = published
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ channel: ChannelFigures) {
        object { json in
            json.member("channel", channel.rank.channel.rawValue)
            json.member("authority", channel.rank.authority)
            json.member("latest", channel.latest)
            json.member("tokens", channel.figures.tokens)
            json.member("cost", channel.figures.cost)
            json.member("web_search_requests", channel.figures.webSearchRequests)
        }
    }
}

extension JSONReader {
    fileprivate mutating func channelFigures() throws(JSONError) -> ChannelFigures {
        let start = index
        var channel: Channel?
        var authority: Int64?
        var latest: Timestamp?
        var figures = Figures()
        try object { key, json throws(JSONError) in
            switch key {
            case "channel": channel = try json.name(Channel.self)
            case "authority": authority = try json.int64()
            case "latest": latest = try json.timestamp()
            case "tokens": figures.set(try json.tokenCounts())
            case "cost": figures.cost = try json.int64()
            case "web_search_requests": figures.webSearchRequests = try json.int64()
            default: try json.skip()
            }
        }
        guard let channel, let authority, let latest else {
            throw JSONError(.missingMember, at: start, member: "channels")
        }
        return ChannelFigures(
            rank: ChannelRank(authority: authority, channel: channel), figures: figures, latest: latest)
    }

    fileprivate mutating func origin() throws(JSONError) -> Origin {
        let start = index
        var scope = ScopeFields()
        var eventTime: Timestamp?
        var authority: Int64?
        try object { key, json throws(JSONError) in
            switch key {
            case "event_time": eventTime = try json.timestamp()
            case "authority": authority = try json.int64()
            default: if try !scope.read(key, &json) { try json.skip() }
            }
        }
        guard let eventTime, let authority, let scope = scope.scope else {
            throw JSONError(.missingMember, at: start, member: "origin")
        }
        return Origin(scope: scope, eventTime: eventTime, authority: authority)
    }
}

/// The members of a scope while they are being read.
private struct ScopeFields {
    private var tenant: String?
    private var harness: String?
    private var session: String?
    private var isSessionKnown = true

    mutating func read(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) -> Bool {
        switch key {
        case "tenant": tenant = try json.string()
        case "harness": harness = try json.string()
        case "session": session = try json.string()
        case "session_known": isSessionKnown = try json.bool()
        default: return false
        }
        return true
    }

    var scope: Scope? {
        guard let tenant, let harness, let session else { return nil }
        return Scope(
            tenant: tenant, harness: Harness(rawValue: harness), session: session, isSessionKnown: isSessionKnown)
    }
}
