public import Metering
public import Wire

/// What names a pairing: a fingerprint that a dialect made, within one conversation.
public struct PairingName: Hashable, Sendable {
    /// The conversation.
    public let scope: Scope
    /// The dialect's fingerprint of conversation, model and usage.
    public let pairing: ContentID
}

/// The calls of one pairing, and which of them are one: the k-th of a channel is the k-th of each other channel.
///
/// Calls are taken by the time of their earliest report, each into the first place that has none of its channels yet; so
/// two reports of one channel never share a place. A place holds at most one call with a real identity: two such calls
/// are two, whatever they used. The best key of a place is its base; the others join it as companions.
public struct PairingGroup: Hashable, Sendable {
    /// The most calls of a pairing that take part; the later ones of more stand by themselves.
    public static let maximumMembers = 256

    /// A call of the group.
    struct Member: Hashable, Sendable {
        let call: CallNumber
        /// The call's public key.
        let key: CallKey
        /// The channels on which it was reported under this pairing, one bit each.
        let channels: UInt8
        /// When it was first reported, and by what.
        let time: Timestamp
        let report: ContentID

        var isReal: Bool {
            switch key.kind {
            case .span, .record, .aggregate, nil: false
            case .request, .response, .message, .clientRequest, .iteration, .step: true
            }
        }

        func isBefore(_ other: Member) -> Bool {
            time == other.time ? report < other.report : time < other.time
        }
    }

    /// Calls that are one: the base, and those that join it.
    struct Place: Hashable, Sendable {
        private(set) var base: Member
        private(set) var companions: [Member] = []
        private var channels: UInt8
        private var hasReal: Bool

        init(_ member: Member) {
            base = member
            channels = member.channels
            hasReal = member.isReal
        }

        func hasRoom(for member: Member) -> Bool {
            channels & member.channels == 0 && !(hasReal && member.isReal)
        }

        mutating func add(_ member: Member) {
            channels |= member.channels
            hasReal = hasReal || member.isReal
            guard member.key < base.key else { return companions.append(member) }
            companions.append(base)
            base = member
        }

        var calls: [CallNumber] { [base.call] + companions.map(\.call) }
    }

    // By time.
    private(set) var members: [Member] = []

    /// Starts an empty group.
    public init() {}

    /// Whether nothing is in it.
    public var isEmpty: Bool { members.isEmpty }

    /// The places, in the order of their first call.
    var places: [Place] {
        var places: [Place] = []
        for member in members {
            if let index = places.firstIndex(where: { $0.hasRoom(for: member) }) {
                places[index].add(member)
            } else {
                places.append(Place(member))
            }
        }
        return places
    }

    mutating func remove(_ call: CallNumber) {
        members.removeAll { $0.call == call }
    }

    mutating func insert(_ member: Member) {
        members.insert(member, at: members.firstIndex { member.isBefore($0) } ?? members.endIndex)
        if members.count > Self.maximumMembers { members.removeLast() }
    }

    /// The group as JSON text, for a store.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.array { json in
            for member in members {
                json.object { json in
                    json.member("call", member.call)
                    json.member("key", member.key.rawValue)
                    json.member("channels", Int64(member.channels))
                    json.member("time", member.time)
                    json.member("report", member.report.description)
                }
            }
        }
        return json.bytes
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `JSONError` when the text is not a group.
    public init(json text: [UInt8]) throws(JSONError) {
        var members: [Member] = []
        var json = JSONReader(text)
        try json.array { json throws(JSONError) in members.append(try json.pairingMember()) }
        try json.finish()
        self.members = members
    }
}

extension JSONReader {
    fileprivate mutating func pairingMember() throws(JSONError) -> PairingGroup.Member {
        let offset = index
        var call: Int64?
        var key: CallKey?
        var channels: Int64?
        var time: Timestamp?
        var report: ContentID?
        try object { name, json throws(JSONError) in
            switch name {
            case "call": call = try json.int64()
            case "key": key = CallKey(rawValue: try json.string())
            case "channels": channels = try json.int64()
            case "time": time = try json.timestamp()
            case "report": report = try json.contentID()
            default: try json.skip()
            }
        }
        guard let call, let key, let channels, let time, let report else {
            throw JSONError(.missingMember, at: offset, member: "pairing")
        }
        return PairingGroup.Member(
            call: call, key: key, channels: UInt8(truncatingIfNeeded: channels), time: time, report: report)
    }
}

extension CallRecord {
    /// Whether a report of the call names a pairing.
    var isPaired: Bool { reports.contains { $0.observation.pairing != nil } }

    /// The call's part in pairings, by their names.
    ///
    /// A call with a real identity takes part in every conversation that reports it, such as a fork that begins with a copy of
    /// it. One without takes part under the name of its earliest report alone, so that it never joins two calls.
    func pairings(_ number: CallNumber) -> [PairingName: PairingGroup.Member] {
        func isEarlier(_ left: Report, _ right: Report) -> Bool {
            let (leftTime, rightTime) = (left.observation.eventTime, right.observation.eventTime)
            return leftTime == rightTime ? left.id < right.id : leftTime < rightTime
        }
        var named: [PairingName: [Report]] = [:]
        for report in reports {
            guard let pairing = report.observation.pairing else { continue }
            named[PairingName(scope: report.observation.scope, pairing: pairing), default: []].append(report)
        }
        let parts = named.compactMap { name, reports in
            reports.min(by: isEarlier).map { first in (name, first, channels: reports.map(\.rank.channel)) }
        }
        let members = parts.map { name, first, channels in
            let member = PairingGroup.Member(
                call: number, key: key, channels: channels.reduce(0) { $0 | $1.bit }, time: first.observation.eventTime,
                report: first.id)
            return (name, member)
        }
        if members.count > 1, !members[0].1.isReal {
            return Dictionary(uniqueKeysWithValues: members.min { $0.1.isBefore($1.1) }.map { [$0] } ?? [])
        }
        return Dictionary(uniqueKeysWithValues: members)
    }
}

extension Channel {
    /// One bit for each channel; stored, so never changed.
    fileprivate var bit: UInt8 {
        switch self {
        case .log: 1
        case .span: 2
        case .metric: 4
        case .transcript: 8
        case .result: 16
        case .response: 32
        }
    }
}
