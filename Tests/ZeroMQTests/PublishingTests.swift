import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct PublishingTests {
    let context: Context

    init() throws {
        context = try Context()
    }

    @Test func `a subscriber gets its topic and nothing else`() throws {
        let publisher = try Socket<XPublish>(in: context)
        let subscriber = try Socket<Subscribe>(in: context)
        try subscriber.connect(try publisher.bind(.anyLoopbackPort))
        try subscriber.subscribe(to: "ack/1/")
        let event = try publisher.subscriptionWhenReady()
        #expect(event == .subscribed(topic: Array("ack/1/".utf8)))

        try publisher.send(Array("ack/10/no".utf8))
        try publisher.send(Array("ack/1/yes".utf8))

        let received = try #require(try subscriber.receiveWhenReady())
        #expect(String(decoding: received, as: UTF8.self) == "ack/1/yes")
        let isEmpty = try subscriber.receive() == nil
        #expect(isEmpty)
    }

    @Test func `a new subscriber is welcomed with the message set last`() throws {
        let publisher = try Socket<XPublish>(in: context)
        let endpoint = try publisher.bind(.anyLoopbackPort)
        try publisher.welcome(with: Array("feed.welcome 1".utf8))
        try publisher.welcome(with: Array("feed.welcome 2".utf8))
        let subscriber = try Socket<Subscribe>(in: context)
        try subscriber.connect(endpoint)
        try subscriber.subscribe(to: "feed.")

        _ = try publisher.subscriptionWhenReady()

        let received = try #require(try subscriber.receiveWhenReady())
        #expect(String(decoding: received, as: UTF8.self) == "feed.welcome 2")
    }

    @Test func `a subscriber that leaves takes its topic with it`() throws {
        let publisher = try Socket<XPublish>(in: context)
        let subscriber = try Socket<Subscribe>(in: context)
        try subscriber.connect(try publisher.bind(.anyLoopbackPort))
        try subscriber.subscribe(to: "a")
        let joined = try publisher.subscriptionWhenReady()
        subscriber.close()
        let left = try publisher.subscriptionWhenReady()

        #expect(joined == .subscribed(topic: Array("a".utf8)))
        #expect(left == .unsubscribed(topic: Array("a".utf8)))
        let isDrained = try publisher.nextSubscription() == nil
        #expect(isDrained)
    }

    @Test func `publishing with nobody there costs nothing and never waits`() throws {
        let publisher = try Socket<Publish>(in: context)
        try publisher.bind(.anyLoopbackPort)
        for _ in 0..<5000 {
            let isTaken = try publisher.send([1])
            try #require(isTaken)
        }
    }
}

extension Socket where Pattern == XPublish {
    fileprivate func subscriptionWhenReady() throws -> SubscriptionEvent? {
        _ = try wait(for: .readable, timeout: .seconds(120))
        return try nextSubscription()
    }
}
