import ZeroMQ

/// A feed for whoever subscribes: one frame a message, the topic before the body.
///
/// A subscriber that does not keep up loses messages; number them, so that it sees that it did. Of a guarded feed each
/// subscriber gets what it is granted and no more, whatever it subscribes to.
public struct TopicPublisher: ~Copyable {
    /// Which topics a subscriber gets that asks for what begins with some bytes; none for nothing.
    public typealias Grant = (_ asked: [UInt8], Audience) -> [[UInt8]]

    /// The link subscribers connect to, its port filled in.
    public var link: Link { publish.link }
    private let publish: LinkedSocket<XPublish>
    private let isGuarded: Bool
    /// What the present subscribers asked for, and how many did.
    private var topics: [[UInt8]: Int] = [:]

    /// Binds the feed.
    ///
    /// - Parameter highWaterMark: messages queued for one subscriber before it loses some.
    /// - Throws: `PipelineError.attaching` where the port is taken.
    public init(
        _ link: Link, highWaterMark: Int = 10_000, in environment: StageEnvironment
    ) throws(PipelineError) {
        isGuarded =
            switch link.security {
            case .server(_, .some): true
            default: false
            }
        var options = SocketOptions.standard.withHighWaterMark(highWaterMark)
        options.grantsSubscriptions = isGuarded
        publish = try LinkedSocket(link, options: options, in: environment)
    }

    /// Waits for subscribers coming and going.
    public func register(in interests: inout Interests) {
        interests.set.insert(publish.socket, for: .readable)
    }

    /// Publishes a body under a topic; never waits.
    public func publish(topic: String, _ body: [UInt8]) throws(PipelineError) {
        var frame = Array(topic.utf8)
        frame.append(contentsOf: body)
        _ = try publish.send(frame)
    }

    /// Sets what each new subscriber receives first, if its subscription is a prefix of the topic.
    public func welcome(topic: String, _ body: [UInt8]) throws(PipelineError) {
        var frame = Array(topic.utf8)
        frame.append(contentsOf: body)
        try socketCall { () throws(ZeroMQError) in try publish.socket.welcome(with: frame) }
    }

    /// Greets new subscribers and forgets those that left; to be called every turn.
    ///
    /// - Parameter grant: decides for the subscribers of a guarded feed; by default they get what they ask for.
    /// - Returns: how many topics gained their first subscriber or lost their last.
    @discardableResult
    public mutating func serveSubscriptions(
        _ grant: Grant = { asked, _ in [asked] }
    ) throws(PipelineError) -> Int {
        var count = 0
        while let event = try socketCall({ () throws(ZeroMQError) in try publish.socket.nextSubscription() }) {
            count += 1
            note(event)
            if isGuarded { try socketCall { () throws(ZeroMQError) in try serve(event, grant) } }
        }
        return count
    }

    private mutating func note(_ event: SubscriptionEvent) {
        switch event {
        case .subscribed(let topic, _): topics[topic, default: 0] += 1
        case .unsubscribed(let topic, _):
            let rest = (topics[topic] ?? 1) - 1
            topics[topic] = rest > 0 ? rest : nil
        case .unknown: break
        }
    }

    /// Whether anybody has subscribed to topics that begin with a text.
    public func hasSubscriber(of prefix: String) -> Bool {
        let prefix = Array(prefix.utf8)
        return topics.keys.contains { $0.starts(with: prefix) || prefix.starts(with: $0) }
    }

    private func serve(_ event: SubscriptionEvent, _ grant: Grant) throws(ZeroMQError) {
        switch event {
        case .subscribed(let asked, let user):
            for topic in grant(asked, Audience(user: user)) { try publish.socket.grant(topic) }
        case .unsubscribed(let asked, let user):
            // What was granted in place of something wider may be asked for twice, so it stays until the subscriber
            // leaves, who passes over what it no longer asks for.
            for topic in grant(asked, Audience(user: user)) where topic == asked { try publish.socket.revoke(topic) }
        case .unknown: break
        }
    }
}
