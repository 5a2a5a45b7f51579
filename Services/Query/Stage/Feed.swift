import Foundation
import Ledger
import Metering
import Pipeline
import Wire

/// The live publication of changes: one frame each, the topic, a space, the change as JSON; and the same as a CloudEvent under
/// a topic of its own, made only while somebody has subscribed to it.
///
/// A heartbeat every second, and the welcome that each new subscriber gets, carry the number of the last change, so that
/// a subscriber that lost frames, or came late, sees that it did.
struct Feed: ~Copyable {
    /// What every topic begins with.
    static let prefix = "tollbook.v1."
    /// What topics of changes as CloudEvents begin with.
    static let cloudEventPrefix = "tollbook.cloudevents.v1."
    /// The topic of heartbeats and of the welcome.
    static let heartbeatTopic = prefix + "heartbeat "
    static let heartbeatInterval: Duration = .seconds(1)

    private struct Source: Hashable {
        let tenant: String
        let harness: Harness
    }

    private var publisher: TopicPublisher
    private let epoch: String
    private var sequence: Int64
    private var welcomed: Int64 = -1
    private var sources: [Source: String] = [:]
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
        let areCloudEventsWanted = publisher.hasSubscriber(of: Self.cloudEventPrefix)
        for change in changes {
            let source = source(of: change)
            try publisher.publish(topic: Self.prefix + source, change.body)
            // What could not be told so would be a hole in the numbers, which subscribers see; it must not hold up the ledger.
            if areCloudEventsWanted, let event = try? CloudEvent.json(change: change.body) {
                try publisher.publish(topic: Self.cloudEventPrefix + source, event)
            }
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
        prefix + source(tenant: tenant, harness: harness)
    }

    /// A tenant as topics write it, by the name of its subscribers' folder: its own name, with what a folder cannot be called
    /// percent-encoded.
    static func part(ofFolder name: String) -> String { escaped(name.removingPercentEncoding ?? name) }

    /// What a topic ends with, such as `default.claude-code.` with the parts escaped.
    private static func source(tenant: String, harness: Harness) -> String {
        escaped(tenant) + "." + escaped(harness.rawValue) + "."
    }

    private mutating func source(of change: PublishedChange) -> String {
        let source = Source(tenant: change.tenant, harness: change.harness)
        if let text = sources[source] { return text }
        let text = Self.source(tenant: change.tenant, harness: change.harness) + " "
        // Harnesses are named by whoever sends events.
        if sources.count >= 10_000 { sources.removeAll() }
        sources[source] = text
        return text
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
