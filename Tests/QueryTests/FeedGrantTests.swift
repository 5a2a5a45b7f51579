import Metering
import Pipeline
import Testing

@testable import QueryService

@Suite struct `What of the feed is granted` {
    private static let own = "tollbook.v1.acme."
    private static let event = "tollbook.cloudevents.v1.acme."
    private static let beat = "tollbook.v1.heartbeat "

    @Test(arguments: [
        ("", [own, event, beat]), ("tollbook.cloudevents.", [event]),
        ("tollbook.cloudevents.v1.globex.", []), ("tollbook.v1.", [own, beat]),
        ("tollbook.v1.acme.codex.", ["tollbook.v1.acme.codex."]),
        ("tollbook.v1.acme", [own]), ("tollbook.v1.heartbeat", [beat]), ("tollbook.v1.globex.", []),
        ("tollbook.v1.acme2.", []), ("tollbook.v1.heartbeat.", []), ("tollbook.v2.", []),
    ])
    func `to a tenant is its own part, and heartbeats`(asked: String, expected: [String]) {
        #expect(Self.topics(asked, .guest("acme")) == expected)
        #expect(Self.topics(asked, .peer) == [asked] && Self.topics(asked, .open) == [asked])
        #expect(Self.topics(asked, .unknown).isEmpty)
    }

    @Test func `is told by the tenant's name, encoded or not, and by no part of it`() {
        let topic = Feed.topic(tenant: "a.b", harness: .init(rawValue: "codex"))
        #expect(Self.topics(topic, .guest("a%2Eb")) == [topic])
        #expect(Self.topics(topic, .guest("a.b")) == [topic])
        #expect(Self.topics(topic, .guest("a")).isEmpty)
        let other = Feed.topic(tenant: "a", harness: .init(rawValue: "b"))
        #expect(Self.topics(other, .guest("a.b")).isEmpty && Self.topics(other, .guest("a")) == [other])
        let odd = Feed.topic(tenant: "50% off/ö", harness: .init(rawValue: "codex"))
        #expect(Self.topics(odd, .guest("50%25 off%2Fö")) == [odd])
    }

    private static func topics(_ asked: String, _ audience: Audience) -> [String] {
        FeedGrant.topics(Array(asked.utf8), audience).map { String(decoding: $0, as: UTF8.self) }
    }
}
