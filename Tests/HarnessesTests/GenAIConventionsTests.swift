import Harnesses
import Metering
import Testing

/// OpenTelemetry's semantic conventions for generative AI.
struct GenAIConventionsTests {
    private let intake = Intake.forTests
    private let expected = TokenCounts(
        uncachedInput: 12, cacheRead: 18452, cacheWrite: 2310, output: 830, reasoning: 311)
    private let keys = [
        "anthropic:resp:msg_01GenericAaAaAaAa", "anthropic:msg:msg_01GenericAaAaAaAa",
        "otel:span:33f92f3577b34da6a3ce929d0e0e4736-ddf067aa0ba90201",
    ]

    @Test func `a span of one request is a call, the agent's span around it is not`() throws {
        let result = try intake.read(try Fixture.bytes("genai/otel-traces/request.json"), .traces)
        #expect(result.accepted == 1)
        #expect(result.ignored == 1)
        let call = try #require(result.observations.first)
        #expect(call.tokens == expected)
        #expect(call.keys == keys)
        #expect(call.harness.rawValue == "my-agent")
        #expect(call.session == "conv_5j66UpCpwteGg4YSxUnt7lPY")
        #expect(call.model == "claude-opus-4-8")
        #expect(call.provider == .anthropic)
        #expect(call.trace?.parentSpanID == "ddf067aa0ba902b7")
    }

    @Test func `the event of a request is the same call as its span`() throws {
        let result = try intake.read(try Fixture.bytes("genai/otel-events/request.json"), .logs)
        let call = try #require(result.observations.first)
        #expect(call.keys == keys)
        #expect(call.tokens == expected)
        #expect(call.channel == .log)
    }

    @Test func `the older histogram counts by its sum`() throws {
        let result = try intake.read(try Fixture.bytes("genai/otel-metrics-histogram/request.json"), .metrics)
        let points = result.observations.compactMap(\.point)
        #expect(points.map(\.measure) == [.tokens(.uncachedInput, within: nil), .tokens(.output, within: nil)])
        #expect(points.map(\.value) == [20774, 830])
        #expect(points.allSatisfy { $0.temporality == .cumulative })
        #expect(Set(points.map(\.group)).count == 1)
    }

    @Test func `the newer counters say what they are parts of`() throws {
        let result = try intake.read(try Fixture.bytes("genai/otel-metrics-counters/request.json"), .metrics)
        let points = result.observations.compactMap(\.point)
        #expect(
            points.map(\.measure) == [
                .tokens(.uncachedInput, within: nil), .tokens(.cacheRead, within: .uncachedInput),
                .tokens(.cacheWrite, within: .uncachedInput), .tokens(.output, within: nil),
                .tokens(.reasoning, within: nil),
            ])
        #expect(points.map(\.value) == [20774, 18452, 2310, 830, 311])
        #expect(Set(points.map(\.group)).count == 1)
        #expect(Set(points.map(\.series)).count == 5)
    }

    @Test func `histograms of request sizes are not usage`() throws {
        let body = OTLPBody.metric(
            service: "my-agent", name: "gen_ai.client.inference.operation.input_tokens", kind: "histogram",
            [(#""count":"1","sum":100"#, [])])
        #expect(try intake.read(body, .metrics).events.isEmpty)
    }

    @Test(arguments: ["invoke_agent", "invoke_workflow", "create_agent", "execute_tool", "plan", "fetch_response"])
    func `operations that sum up or repeat requests are not calls`(operation: String) throws {
        let body = OTLPBody.span(
            name: "x",
            [
                ("gen_ai.operation.name", OTLPBody.text(operation)), ("gen_ai.request.model", OTLPBody.text("m")),
                ("gen_ai.usage.input_tokens", OTLPBody.int("5")),
            ])
        #expect(try intake.read(body, .traces).events.isEmpty)
    }

    @Test(arguments: ["chat", "generate_content", "text_completion", "embeddings"])
    func `operations that are one request are calls`(operation: String) throws {
        let body = OTLPBody.span(
            name: "x",
            [
                ("gen_ai.operation.name", OTLPBody.text(operation)), ("gen_ai.usage.input_tokens", OTLPBody.int("5")),
            ])
        #expect(try intake.read(body, .traces).observations.first?.tokens?.uncachedInput == 5)
    }

    @Test(arguments: [
        (
            ["gen_ai.usage.prompt_tokens": 9, "gen_ai.usage.completion_tokens": 4],
            TokenCounts(uncachedInput: 9, output: 4)
        ),
        (["llm.usage.prompt_tokens": 9, "llm.usage.completion_tokens": 4], TokenCounts(uncachedInput: 9, output: 4)),
        (
            [
                "gen_ai.usage.input_tokens": 9, "gen_ai.usage.prompt_tokens": 8,
                "gen_ai.usage.cache_read_input_tokens": 2,
            ],
            TokenCounts(uncachedInput: 7, cacheRead: 2)
        ),
        // More cached than all input: that source reports its parts apart.
        (
            ["gen_ai.usage.input_tokens": 9, "gen_ai.usage.cache_read.input_tokens": 100],
            TokenCounts(uncachedInput: 9, cacheRead: 100)
        ),
    ])
    func `older names and other habits are read`(usage: [String: Int], expected: TokenCounts) throws {
        let values = usage.sorted { $0.key < $1.key }.map { ($0.key, OTLPBody.int(String($0.value))) }
        let body = OTLPBody.span(name: "x", [("gen_ai.request.model", OTLPBody.text("m"))] + values)
        #expect(try intake.read(body, .traces).observations.first?.tokens == expected)
    }
}
