import Harnesses
import Metering
import Testing

/// What `claude -p` prints, and the bodies it logs.
struct ClaudeResultTests {
    private let intake = Intake.forTests

    private func result(_ session: String, input: Int, output: Int, cost: String, uuid: String = "u") -> String {
        """
        {"type":"result","subtype":"success","session_id":"\(session)","uuid":"\(uuid)","total_cost_usd":\(cost),\
        "usage":{"input_tokens":1,"output_tokens":1},"modelUsage":{"claude-opus-5-5[1m]":{"inputTokens":\(input),\
        "outputTokens":\(output),"cacheReadInputTokens":7,"cacheCreationInputTokens":30,\
        "cacheCreationEphemeral5mInputTokens":10,"cacheCreationEphemeral1hInputTokens":20,"costUSD":\(cost),\
        "provider":"firstParty"}}}
        """
    }

    @Test func `a result sums up by model, with the lifetimes of caches`() throws {
        let observations = try intake.result(result("s", input: 5, output: 3, cost: "0.25"), of: "claude-code")
            .observations
        let sums = Sums(observations)
        #expect(
            sums.tokens
                == TokenCounts(uncachedInput: 5, cacheRead: 7, cacheWrite5m: 10, cacheWrite1h: 20, output: 3))
        #expect(sums.cost?.description == "0.25")
        #expect(Set(observations.map(\.model)) == ["claude-opus-5-5"])
        #expect(observations.allSatisfy { $0.channel == .result && $0.session == "s" && $0.provider == .anthropic })
    }

    @Test func `a resumed conversation goes on with its sum, and an older result changes nothing`() throws {
        let outputs = [
            result("s", input: 5, output: 3, cost: "0.25"), result("s", input: 9, output: 8, cost: "0.5", uuid: "v"),
            result("s", input: 5, output: 3, cost: "0.25"),
        ]
        let sums = Sums(try outputs.flatMap { try intake.result($0, of: "claude-code").observations })
        #expect(sums.tokens.uncachedInput == 9 && sums.tokens.output == 8 && sums.cost?.description == "0.5")
    }

    @Test func `a fork begins at its parent's sum`() throws {
        let start = Timestamp(rfc3339: "2026-11-21T00:44:39Z")
        let parent = try intake.result(result("s", input: 5, output: 3, cost: "0.25"), of: "claude-code").observations
        let child = try intake.result(
            result("f", input: 9, output: 8, cost: "0.5"), of: "claude-code",
            Invocation(parentSession: "s", startTime: start)
        ).observations
        #expect(child.map(\.point?.baseline?.series) == parent.map(\.point?.series))
        #expect(child.allSatisfy { $0.point?.baseline?.at == start })
    }

    @Test func `a failed run that used something counts, and one that used nothing reports nothing`() throws {
        let failed = #"{"type":"result","subtype":"error_max_turns","is_error":true,"session_id":"s","uuid":"u","#
        let used = failed + #""total_cost_usd":0.3,"usage":{"input_tokens":9,"output_tokens":8},"modelUsage":{}}"#
        #expect(Sums(try intake.result(used, of: "claude-code").observations).cost?.description == "0.3")
        let refused = failed + #""total_cost_usd":0,"usage":{"input_tokens":0,"output_tokens":0},"modelUsage":{}}"#
        #expect(try intake.result(refused, of: "claude-code").events.isEmpty)
        #expect(try intake.result(failed + #""duration_ms":1}"#, of: "claude-code").rejected == [.noUsage: 1])
    }

    private let message = """
        {"type":"assistant","session_id":"s","uuid":"a","request_id":"req_1","parent_tool_use_id":"toolu_1",\
        "timestamp":"2026-11-21T00:44:39Z","message":{"id":"msg_1","model":"claude-opus-5-5","usage":{"input_tokens":42,\
        "cache_read_input_tokens":5,"output_tokens":1}}}
        """

    @Test func `a stream's messages are summed up by its result`() throws {
        let stream = [message, message, result("s", input: 42, output: 70, cost: "0.1")].joined(separator: "\n")
        let observations = try intake.result(stream, of: "claude-code").observations
        #expect(observations.allSatisfy { $0.point != nil })
        #expect(Sums(observations).tokens.output == 70)
    }

    @Test func `without a result a stream tells what went in, and not what came out`() throws {
        let observations = try intake.result(message + "\n" + message + "\n{\"type\":\"assis", of: "claude-code")
            .observations
        #expect(observations.map(\.tokens) == [TokenCounts(uncachedInput: 42, cacheRead: 5)])
        #expect(observations.map(\.keys) == [["anthropic:req:req_1", "anthropic:msg:msg_1"]])
        #expect(observations.map(\.attribution.caller) == ["subagent"])
    }

    @Test func `several results of one run that names no conversation are told apart`() throws {
        let turn = #"{"type":"result","total_cost_usd":0.1,"usage":{"input_tokens":5}}"#
        let next = #"{"type":"result","total_cost_usd":0.3,"usage":{"input_tokens":5}}"#
        let sums = Sums(try intake.result(turn + "\n" + next, of: "claude-code").observations)
        #expect(sums.tokens.uncachedInput == 10 && sums.cost?.description == "0.3")
        let again = try [turn, turn].flatMap { output in
            try intake.result(output, of: "claude-code", Invocation(run: "a")).observations
        }
        #expect(Set(again.map(\.id)).count == 2)
        let other = try intake.result(turn, of: "claude-code", Invocation(run: "b")).observations
        #expect(Set(again.map(\.id)).isDisjoint(with: other.map(\.id)))
    }

    @Test func `a logged answer is read for its usage, and a cut one left to the request's own event`() throws {
        let body =
            #"{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"text\":\"CANARY\"}],\"usage\":{\"input_tokens\":11,"#
            + #"\"cache_creation\":{\"ephemeral_5m_input_tokens\":3,\"ephemeral_1h_input_tokens\":4},\"output_tokens\":5,"#
            + #"\"service_tier\":\"priority\",\"inference_geo\":\"us\"}}"#
        func read(_ body: String) throws -> IntakeResult {
            try intake.read(
                OTLPBody.log(
                    event: "api_response_body",
                    [
                        ("body", OTLPBody.text(body)), ("request_id", OTLPBody.text("req_1")),
                        ("session.id", OTLPBody.text("s")), ("model", OTLPBody.text("claude-opus-5-5")),
                    ]), .logs)
        }
        let call = try #require(try read(body).observations.first)
        #expect(call.keys == ["anthropic:req:req_1", "anthropic:msg:msg_1"])
        #expect(call.tokens == TokenCounts(uncachedInput: 11, cacheWrite5m: 3, cacheWrite1h: 4, output: 5))
        #expect(call.authority < Channel.log.defaultAuthority)
        #expect(call.serviceTier == "priority" && call.inferenceGeo == "us")
        #expect(!String(decoding: IngestEvent.observation(call).json, as: UTF8.self).contains("CANARY"))
        #expect(try read(String(body.prefix { $0 != "[" })).events.isEmpty)
    }
}
