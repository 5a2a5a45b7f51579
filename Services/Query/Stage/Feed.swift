import Metering
import Pipeline
import Wire

/// The live publication of changes: one frame each, the topic, a space, the change as JSON.
///
/// A heartbeat every second, and the welcome that each new subscriber gets, carry the number of the last change, so that
/// a subscriber that lost frames, or came late, sees that it did.
struct Feed: ~Copyable {
    /// What every topic begins with.
    static let prefix = "tollbook.v1."
    /// The topic of heartbeats and of the welcome.
    static let heartbeatTopic = prefix + "heartbeat "
    static let heartbeatInterval: Duration = .seconds(1)

    private struct Source: Hashable {
        let tenant: String
        let harness: Harness
    }

    private let publisher: TopicPublisher
    private let epoch: String
    private var sequence: Int64
    private var welcomed: Int64 = -1
    private var topics: [Source: String] = [:]
    private(set) var nextHeartbeat: MonotonicInstant

    /// Binds the feed of a ledger whose last change is given.
    init(_ link: Link, epoch: String, sequence: Int64, in environment: StageEnvironment) throws {
        publisher = try TopicPublisher(link, in: environment)
        self.epoch = epoch
        self.sequence = sequence
        nextHeartbeat = environment.clock.now
    }

    /// The link subscribers connect to, its port filled in.
    var link: Link { publisher.link }

    /// Waits for subscribers coming and going.
    func register(in interests: inout Interests) {
        publisher.register(in: &interests)
    }

    /// Publishes changes that are durable.
    mutating func publish(_ changes: [PublishedChange]) throws {
        for change in changes {
            try publisher.publish(topic: topic(of: change), change.body)
            sequence = change.sequence
        }
    }

    /// Greets new subscribers and gives a sign of life when it is due; to be called every turn.
    mutating func serve(at now: MonotonicInstant) throws {
        // The welcome leaves while subscriptions are served, so it must be right before.
        if welcomed != sequence {
            try publisher.welcome(topic: Self.heartbeatTopic, position("welcome"))
            welcomed = sequence
        }
        try publisher.serveSubscriptions(FeedGrant.topics)
        guard now >= nextHeartbeat else { return }
        nextHeartbeat = now + Self.heartbeatInterval
        try publisher.publish(topic: Self.heartbeatTopic, position("heartbeat"))
    }

    /// The topic of a tenant's harness, such as `tollbook.v1.default.claude-code.`, parts escaped.
    static func topic(tenant: String, harness: Harness) -> String {
        prefix + escaped(tenant) + "." + escaped(harness.rawValue) + "."
    }

    private mutating func topic(of change: PublishedChange) -> String {
        let source = Source(tenant: change.tenant, harness: change.harness)
        if let topic = topics[source] { return topic }
        let topic = Self.topic(tenant: change.tenant, harness: change.harness) + " "
        // Harnesses are named by whoever sends events.
        if topics.count >= 10_000 { topics.removeAll() }
        topics[source] = topic
        return topic
    }

    /// Percent-encodes what would end a part of a topic or the topic itself.
    private static func escaped(_ part: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func position(_ type: String) -> [UInt8] {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.member("v", 1)
            json.member("type", type)
            json.member("epoch", epoch)
            json.member("seq", sequence)
        }
        return json.bytes
    }
}
