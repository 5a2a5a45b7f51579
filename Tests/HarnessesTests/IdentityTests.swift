import Harnesses
import Metering
import Testing

/// What makes two records one observation.
struct IdentityTests {
    private let intake = Intake.forTests

    private func id(_ body: String) throws -> ContentID {
        try #require(try intake.read(body, .logs).observations.first).id
    }

    @Test func `a record sent again byte for byte is the same observation`() throws {
        let body = try Fixture.bytes("claude-code/capture/otlp/0012-logs.json")
        let first = try intake.read(body, .logs)
        let later = try Intake.forTests.read(
            body, signal: .logs, encoding: .json, receivedTime: Timestamp(nanoseconds: 1_900_000_000_000_000_000))
        #expect(first.observations.map(\.id) == later.observations.map(\.id))
    }

    @Test(arguments: ["12", "12.0", "\"12\"", "1.2e1"])
    func `a number is the same however it is written`(text: String) throws {
        let plain = try id(OTLPBody.log([("output_tokens", OTLPBody.int("12"))]))
        #expect(try id(OTLPBody.log([("output_tokens", OTLPBody.double(text))])) == plain)
        #expect(try id(OTLPBody.log([("output_tokens", OTLPBody.int(text))])) == plain)
    }

    @Test func `the order of attributes does not matter, everything else does`() throws {
        let values = [("output_tokens", OTLPBody.int("12")), ("x", OTLPBody.text("a")), ("y", OTLPBody.text("b"))]
        let alike = [("output_tokens", OTLPBody.int("12")), ("output_tokenizer", OTLPBody.int("1"))]
        #expect(try id(OTLPBody.log(alike)) == id(OTLPBody.log(alike.reversed())))
        let original = try id(OTLPBody.log(values))
        #expect(try id(OTLPBody.log(values.reversed())) == original)
        let others = [
            OTLPBody.log([("output_tokens", OTLPBody.int("13"))] + values.dropFirst()),
            OTLPBody.log(values + [("z", OTLPBody.text(""))]),
            OTLPBody.log([values[0], ("x", OTLPBody.text("b")), ("y", OTLPBody.text("a"))]),
            OTLPBody.log([values[0], ("xa", OTLPBody.text("")), ("y", OTLPBody.text("b"))]),
            OTLPBody.log(time: "1787234592345000001", values),
            OTLPBody.log(scope: "others", values),
            OTLPBody.log(resource: [("host.name", OTLPBody.text("h"))], values),
            OTLPBody.log([values[0], ("x", #"{"arrayValue":{"values":[{"stringValue":"a"}]}}"#), values[2]]),
        ]
        var ids = try others.map(id)
        ids.append(original)
        #expect(Set(ids).count == others.count + 1)
    }

    @Test func `long identities made of digits stay apart`() throws {
        let usage = ("output_tokens", OTLPBody.int("1"))
        let one = try id(OTLPBody.log([usage, ("request_id", OTLPBody.text("123456789012345678901"))]))
        let two = try id(OTLPBody.log([usage, ("request_id", OTLPBody.text("123456789012345678902"))]))
        #expect(one != two)
    }

    @Test func `points of one series differ by time and value, and series by every attribute`() throws {
        func point(_ value: String, _ attributes: [(String, String)]) throws -> (ContentID, AggregatePoint) {
            let body = OTLPBody.metric(
                name: "claude_code.token.usage", [(value, [("type", OTLPBody.text("input"))] + attributes)])
            let observation = try #require(try intake.read(body, .metrics).observations.first)
            return (observation.id, try #require(observation.point))
        }
        let (first, one) = try point(#""asDouble":7"#, [])
        let (second, two) = try point(#""asDouble":8"#, [])
        #expect(first != second)
        #expect(one.series == two.series)
        let (_, other) = try point(#""asDouble":7"#, [("effort", OTLPBody.text("high"))])
        #expect(other.series != one.series)
        #expect(other.group != one.group)
        #expect(try point(#""asInt":"7""#, []).0 == first)
    }

    @Test func `without a session, sources with other resources are other scopes`() throws {
        func scope(_ host: String) throws -> Scope {
            let body = OTLPBody.log(
                resource: [("host.name", OTLPBody.text(host))], [("output_tokens", OTLPBody.int("1"))])
            return try #require(try intake.read(body, .logs).observations.first).scope
        }
        #expect(try scope("a") != scope("b"))
        #expect(try scope("a") == scope("a"))
        #expect(try !scope("a").isSessionKnown)
    }

    @Test func `events and metrics of one anonymous process share its scope`() throws {
        let log = try intake.read(OTLPBody.log([("output_tokens", OTLPBody.int("1"))]), .logs)
        let metric = try intake.read(
            OTLPBody.metric(
                name: "claude_code.token.usage", [(#""asDouble":7"#, [("type", OTLPBody.text("input"))])]), .metrics)
        #expect(log.observations.first?.scope == metric.observations.first?.scope)
    }
}
