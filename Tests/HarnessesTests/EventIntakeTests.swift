import Metering
import Testing

@testable import Harnesses

/// Events that readers elsewhere made.
struct EventIntakeTests {
    private static func observation(tenant: String, user: String?) -> Observation {
        var observation = Observation(
            id: ContentID(high: 1, low: 2), tenant: tenant, harness: Harness(rawValue: "windmill"), session: "s",
            channel: .transcript, source: "file:x", eventTime: Intake.noon, receivedTime: Intake.noon,
            content: .call(
                keys: [CallKey(space: "windmill", kind: .step, value: "1")], tokens: TokenCounts(output: 3), cost: nil))
        observation.attribution.user = user
        return observation
    }

    @Test func `whose they are and what is kept of users is decided here`() throws {
        let sent = Self.observation(tenant: "somebody else", user: "me@example.com")
        let lines = IngestEvent.observation(sent).json + Array("\n\n".utf8)
        let kept = try Intake(identityPolicy: .keep, tenant: "ours").readEvents(lines)
        var expected = sent
        expected.tenant = "ours"
        #expect(kept.events == [.observation(expected)])
        #expect(kept.accepted == 1)
        let dropped = try Intake(identityPolicy: .drop, tenant: "ours").readEvents(lines)
        expected.attribution.user = nil
        #expect(dropped.events == [.observation(expected)])
    }

    @Test func `what is no event is refused whole, with its line`() throws {
        let good = IngestEvent.observation(Self.observation(tenant: "t", user: nil)).json
        let error = #expect(throws: EventsError.self) {
            try Intake.forTests.readEvents(good + Array("\n{\"kind\":\"observation\"}\n".utf8))
        }
        guard case .malformed(let line, _)? = error else {
            Issue.record("refused for another reason")
            return
        }
        #expect(line == 2)
    }
}
