import ZeroMQ

/// A feed for whoever subscribes: one frame a message, the topic before the body.
///
/// A subscriber that does not keep up loses messages; number them, so that it sees that it did.
public struct TopicPublisher: ~Copyable {
    /// The link subscribers connect to, its port filled in.
    public var link: Link { publish.link }
    private let publish: LinkedSocket<XPublish>

    /// Binds the feed.
    ///
    /// - Parameter highWaterMark: messages queued for one subscriber before it loses some.
    /// - Throws: `PipelineError.attaching` where the port is taken.
    public init(
        _ link: Link, highWaterMark: Int = 10_000, in environment: StageEnvironment
    ) throws(PipelineError) {
        publish = try LinkedSocket(link, options: .standard.withHighWaterMark(highWaterMark), in: environment)
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
    /// - Returns: how many topics gained their first subscriber or lost their last.
    @discardableResult
    public func serveSubscriptions() throws(PipelineError) -> Int {
        try socketCall { () throws(ZeroMQError) in
            var count = 0
            while try publish.socket.nextSubscription() != nil { count += 1 }
            return count
        }
    }
}
