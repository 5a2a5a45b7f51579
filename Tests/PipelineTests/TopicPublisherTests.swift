import Pipeline
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct TopicPublisherTests {
    @Test func `a subscriber is welcomed and then gets its topics in one frame each`() throws {
        var publisher = try TopicPublisher(.bindAnyLoopbackPort, in: StageEnvironment())
        try publisher.welcome(topic: "feed.v1.", Array(#"{"seq":7}"#.utf8))
        let context = try Context()
        let subscriber = try Socket<Subscribe>(in: context)
        try subscriber.connect(try #require(Endpoint(publisher.link.description)))
        try subscriber.subscribe(to: "feed.v1.")
        var topics = 0
        try retrying {
            topics += try publisher.serveSubscriptions()
            return topics == 1
        }
        let wanted = ["feed.v1.acme.", "feed.", "feed.v2."].map { publisher.hasSubscriber(of: $0) }
        #expect(wanted == [true, true, false])
        try publisher.publish(topic: "feed.v2.", Array("{}".utf8))
        try publisher.publish(topic: "feed.v1.acme.", Array(#"{"seq":8}"#.utf8))

        var frames: [String] = []
        try retrying {
            if let message = try subscriber.receive() {
                frames.append(String(decoding: message.copiedBytes(), as: UTF8.self))
            }
            return frames.count == 2
        }
        #expect(frames == [#"feed.v1.{"seq":7}"#, #"feed.v1.acme.{"seq":8}"#])
    }
}
