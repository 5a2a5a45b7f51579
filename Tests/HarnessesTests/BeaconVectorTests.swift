import Harnesses
import Metering
import Testing

/// Published cases of another meter that concern reading, by their numbers there.
struct BeaconVectorTests {
    private let intake = Intake.forTests

    @Test func `B25 an unknown token type is in no class and leaves a trace`() throws {
        let body = OTLPBody.metric(
            name: "claude_code.token.usage", [(#""asDouble":7"#, [("type", OTLPBody.text("speculative"))])])
        let result = try intake.read(body, .metrics)
        #expect(result.observations.isEmpty)
        #expect(result.deadLetters.map(\.reason) == ["unknown_token_type"])
        #expect(result.deadLetters.first?.field == "type")
    }

    @Test func `B26 stray usage on the resource is not read`() throws {
        let body = OTLPBody.metric(
            name: "claude_code.token.usage", resource: [("gen_ai.usage.input_tokens", OTLPBody.int("999"))],
            [
                (#""asInt":"10""#, [("type", OTLPBody.text("input"))]),
                (#""asInt":"10""#, [("type", OTLPBody.text("output"))]),
            ])
        let points = try intake.read(body, .metrics).observations.compactMap(\.point)
        #expect(points.map(\.measure) == [.tokens(.uncachedInput, within: nil), .tokens(.output, within: nil)])
        #expect(points.map(\.value) == [10, 10])
    }

    @Test func `B27 a histogram uses its sum, not its count`() throws {
        let body = OTLPBody.metric(
            service: "my-agent", name: "gen_ai.client.token.usage", kind: "histogram",
            [(#""count":"3","sum":456"#, [("gen_ai.token.type", OTLPBody.text("output"))])])
        let point = try #require(try intake.read(body, .metrics).observations.first?.point)
        #expect(point.measure == .tokens(.output, within: nil))
        #expect(point.value == 456)
    }

    @Test func `B28 the dotted name wins over the alias with an underscore`() throws {
        let body = OTLPBody.span(
            name: "chat",
            [
                ("gen_ai.operation.name", OTLPBody.text("chat")),
                ("gen_ai.usage.cache_read_input_tokens", OTLPBody.int("99")),
                ("gen_ai.usage.cache_read.input_tokens", OTLPBody.int("7")),
            ])
        #expect(try intake.read(body, .traces).observations.first?.tokens == TokenCounts(cacheRead: 7))
    }

    @Test func `B29 a request event of version 2.1.220`() throws {
        let body = OTLPBody.log([
            ("session.id", OTLPBody.text("claude-session")), ("model", OTLPBody.text("claude-opus-5")),
            ("duration_ms", OTLPBody.int("2183")), ("input_tokens", OTLPBody.int("2")),
            ("output_tokens", OTLPBody.int("101")), ("cache_read_tokens", OTLPBody.int("15398")),
            ("cache_creation_tokens", OTLPBody.int("4415")),
        ])
        let call = try #require(try intake.read(body, .logs).observations.first)
        #expect(call.tokens == TokenCounts(uncachedInput: 2, cacheRead: 15398, cacheWrite: 4415, output: 101))
        #expect(call.harness == Harness(normalising: "claude_code"))
    }

    @Test func `B30 a request span with bare names`() throws {
        let body = OTLPBody.span(
            service: "claude-code", name: "claude_code.llm_request",
            [
                ("input_tokens", OTLPBody.int("1200")), ("output_tokens", OTLPBody.int("340")),
                ("cache_read_tokens", OTLPBody.int("8000")), ("cache_creation_tokens", OTLPBody.int("256")),
            ])
        let call = try #require(try intake.read(body, .traces).observations.first)
        #expect(call.tokens == TokenCounts(uncachedInput: 1200, cacheRead: 8000, cacheWrite: 256, output: 340))
    }
}
