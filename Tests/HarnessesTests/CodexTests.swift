import Harnesses
import Metering
import Testing

/// Codex's telemetry and what its command prints.
struct CodexTests {
    private let intake = Intake.forTests

    private func completed(
        service: String = "codex_exec", _ counts: [(String, String)], more: [(String, String)] = []
    ) throws -> IntakeResult {
        let all =
            [
                ("event.kind", OTLPBody.text("response.completed")), ("conversation.id", OTLPBody.text("t-1")),
                ("event.timestamp", OTLPBody.text("2026-11-21T00:44:08.191Z")), ("model", OTLPBody.text("gpt-5.5")),
                ("originator", OTLPBody.text("codex_exec")),
            ] + counts + more
        return try intake.read(
            OTLPBody.log(service: service, scope: "codex_otel.log_only", event: "codex.sse_event", time: "0", all),
            .logs)
    }

    @Test func `counts are numbers or texts, input includes its parts, and the event tells its time`() throws {
        let result = try completed([
            ("input_token_count", OTLPBody.text("3")), ("output_token_count", OTLPBody.text("101")),
            ("cached_token_count", OTLPBody.int("1")), ("cache_write_token_count", OTLPBody.int("2")),
            ("reasoning_token_count", OTLPBody.int("41")), ("tool_token_count", OTLPBody.text("104")),
        ])
        let call = try #require(result.observations.first)
        #expect(
            call.tokens == TokenCounts(uncachedInput: 0, cacheRead: 1, cacheWrite: 2, output: 101, reasoning: 41))
        #expect(call.session == "t-1" && call.model == "gpt-5.5" && call.provider == .openAI)
        #expect(call.eventTime == Timestamp(rfc3339: "2026-11-21T00:44:08.191Z"))
        #expect(call.pairing != nil && call.source == "codex:codex_exec")
    }

    @Test func `the second record of an answer, without counts, is no call`() throws {
        #expect(try completed([("duration_ms", OTLPBody.text("81"))]).events.isEmpty)
        #expect(try completed([("input_token_count", OTLPBody.text("many"))]).rejected == [.notANumber: 1])
    }

    @Test(arguments: [
        "codex_cli_rs", "codex-tui", "codex_exec", "codex_vscode", "codex-app-server", "codex_sdk_ts", "codex-cli",
    ])
    func `every program of the family is one harness`(service: String) throws {
        let counts = [("input_token_count", OTLPBody.int("5")), ("output_token_count", OTLPBody.int("1"))]
        let result = try completed(service: service, counts)
        #expect(result.observations.map(\.harness.rawValue) == ["codex"])
    }

    /// B18 to B20 of another meter's cases.
    private func turn(_ counts: [(model: String, type: String, sum: Int)]) throws -> IntakeResult {
        try intake.read(
            OTLPBody.metric(
                service: "codex_exec", name: "codex.turn.token_usage", kind: "histogram",
                counts.map { count in
                    (
                        #""count":"1","sum":\#(count.sum)"#,
                        [
                            ("token_type", OTLPBody.text(count.type)), ("model", OTLPBody.text(count.model)),
                            ("originator", OTLPBody.text("codex_exec")),
                        ]
                    )
                }), .metrics)
    }

    @Test func `B18 and B19 a turn's input includes its parts, and its total is no class`() throws {
        let parts = [("input", 120), ("cached_input", 90), ("output", 45), ("reasoning_output", 30), ("total", 165)]
        let result = try turn(parts.map { ("gpt-5.5", $0.0, $0.1) })
        #expect(
            Sums(result.observations).tokens
                == TokenCounts(uncachedInput: 30, cacheRead: 90, output: 45, reasoning: 30))
        #expect(result.observations.allSatisfy { $0.session == nil && $0.source == "codex:codex_exec" })
        let real = [("input", 122_442), ("cached_input", 62_080), ("output", 1299), ("total", 123_741)]
        let tokens = Sums(try turn(real.map { ("gpt-5.5", $0.0, $0.1) }).observations).tokens
        #expect(tokens == TokenCounts(uncachedInput: 60_362, cacheRead: 62_080, output: 1299))
        #expect(try turn([("gpt-5.5", "dreamt", 3)]).rejected == [.unknownTokenType: 1])
    }

    @Test func `B20 two models of one export stay apart`() throws {
        let observations = try turn([("A", "input", 100), ("A", "cached_input", 60), ("B", "input", 50)]).observations
        #expect(Set(observations.compactMap(\.model)) == ["A", "B"])
        #expect(Set(observations.compactMap(\.point?.group)).count == 2)
    }

    @Test func `a turn's cost is a sum of its conversation, in millionths of a dollar`() throws {
        let result = try intake.read(
            OTLPBody.metric(
                service: "codex_exec", name: "codex.turn.cost_microusd",
                [(#""asInt":"12050""#, [("conversation.id", OTLPBody.text("t-1"))])]), .metrics)
        #expect(Sums(result.observations).cost?.description == "0.01205")
        #expect(result.observations.map(\.session) == ["t-1"])
    }

    @Test func `a turn's span is a sum of its thread, whatever the runtime calls its own threads`() throws {
        let usage = ["input_tokens": 2150, "cached_input_tokens": 300, "output_tokens": 90, "total_tokens": 2240]
        let span = OTLPBody.span(
            service: "codex_exec", name: "session_task.turn",
            [
                ("thread.id", OTLPBody.int("4")),
                ("thread.id", OTLPBody.text("01a2206f-a5d7-7583-84a7-542178cffc7b")),
                ("model", OTLPBody.text("gpt-5.5")),
            ] + usage.map { ("codex.turn.token_usage." + $0.key, OTLPBody.int("\($0.value)")) })
        let observations = try intake.read(span, .traces).observations
        #expect(Sums(observations).tokens == TokenCounts(uncachedInput: 1850, cacheRead: 300, output: 90))
        #expect(Set(observations.map(\.session)) == ["01a2206f-a5d7-7583-84a7-542178cffc7b"])
        let call = OTLPBody.span(
            service: "codex_exec", name: "handle_responses",
            [("thread.id", OTLPBody.int("4")), ("gen_ai.usage.input_tokens", OTLPBody.int("6001"))])
        #expect(try intake.read(call, .traces).events.isEmpty)
    }

    private func exec(_ thread: String, _ input: Int) -> String {
        """
        {"type":"thread.started","thread_id":"\(thread)"}
        {"type":"item.completed","item":{"type":"agent_message","text":"{\\"type\\":\\"turn.completed\\"}"}}
        {"type":"turn.completed","usage":{"input_tokens":\(input),"cached_input_tokens":5,"output_tokens":1}}
        """
    }

    @Test func `a resumed thread's total goes on, and an older one printed again changes nothing`() throws {
        let runs = [exec("t-1", 100), exec("t-1", 300), exec("t-1", 100)]
        let observations = try runs.flatMap { try intake.result($0, of: "codex").observations }
        #expect(Sums(observations).tokens == TokenCounts(uncachedInput: 295, cacheRead: 5, output: 1))
        #expect(observations.allSatisfy { $0.point?.temporality == .highWater && $0.point?.baseline == nil })
        #expect(Set(observations.map(\.id)).count == 4)
    }

    @Test func `a fork names where it began`() throws {
        let start = Timestamp(rfc3339: "2026-11-21T00:44:39Z")
        let fork = Invocation(parentSession: "t-1", startTime: start)
        let parent = try intake.result(exec("t-1", 100), of: "codex").observations.compactMap(\.point)
        let child = try intake.result(exec("t-2", 160), of: "codex", fork).observations.compactMap(\.point)
        #expect(child.map(\.baseline?.series) == parent.map(\.series))
        #expect(child.allSatisfy { $0.baseline?.at == start })
        #expect(Set(child.map(\.series)).isDisjoint(with: parent.map(\.series)))
        // To resume is not to fork.
        let resumed = try intake.result(exec("t-1", 160), of: "codex", fork).observations.compactMap(\.point)
        #expect(resumed.allSatisfy { $0.baseline == nil })
    }

    @Test func `a turn that fails, or is interrupted, prints no usage`() throws {
        let failed = """
            {"type":"thread.started","thread_id":"t-1"}
            {"type":"turn.failed","error":{"message":"exceeded retry limit"}}
            {"type":"turn.completed"}
            """
        #expect(try intake.result(failed, of: "codex").events.isEmpty)
    }
}
