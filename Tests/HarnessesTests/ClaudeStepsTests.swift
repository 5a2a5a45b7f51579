import Harnesses
import Metering
import Testing

/// The steps of an answer that are billed beside its own counts: `usage.iterations`.
struct ClaudeStepsTests {
    private func read(_ model: String, usage: String, _ iterations: String) throws -> [Observation] {
        let line = """
            {"type":"assistant","requestId":"req_1","timestamp":"2026-11-18T12:00:00Z","sessionId":"s","message":\
            {"id":"msg_1","model":"\(model)","usage":{\(usage),"iterations":[\(iterations)]}}}
            """
        return try Intake.forTests.readTranscript(
            Array(line.utf8), of: Harness(rawValue: "claude-code"), file: "s.jsonl", receivedTime: Intake.noon
        ).observations
    }

    @Test func `a compaction is a call of its own, in none of the answer's counts`() throws {
        let calls = try read(
            "claude-haiku-5-5", usage: #""input_tokens":23000,"output_tokens":1000"#,
            #"{"type":"compaction","input_tokens":180000,"output_tokens":3500},"#
                + #"{"type":"message","input_tokens":23000,"output_tokens":1000}"#)
        #expect(calls.map(\.tokens?.uncachedInput) == [23_000, 180_000])
        #expect(calls.map(\.model) == ["claude-haiku-5-5", "claude-haiku-5-5"])
        #expect(calls.map(\.attribution.caller) == ["lead", "compact"])
        #expect(calls.last?.keys == ["anthropic:iter:req_1#0", "anthropic:iter:msg_1#0"])
    }

    @Test func `an attempt that another model took over from is a call of that model`() throws {
        let calls = try read(
            "claude-opus-4-8", usage: #""input_tokens":0,"cache_read_input_tokens":560186,"output_tokens":120"#,
            #"{"type":"message","model":"claude-fable-5","cache_read_input_tokens":560186,"output_tokens":299},"#
                + #"{"type":"message","model":"claude-opus-4-8","cache_read_input_tokens":560186,"output_tokens":120}"#)
        #expect(calls.map(\.model) == ["claude-opus-4-8", "claude-fable-5"])
        #expect(calls.map(\.tokens?.output) == [120, 299])
        #expect(calls.last?.attribution.caller == "fallback")
    }

    @Test func `steps that make up the answer's counts are no calls beside it`() throws {
        let steps = [
            #"{"type":"message","input_tokens":10,"output_tokens":1},{"type":"message","input_tokens":20,"output_tokens":2}"#,
            // Counted in the answer under another spelling of its model: nothing shows that it is beside.
            #"{"type":"message","model":"claude-opus-4-8-20260701","input_tokens":30,"output_tokens":3}"#,
            #"{"type":"compaction","input_tokens":0,"output_tokens":0}"#,
        ]
        for step in steps {
            let calls = try read("claude-opus-4-8", usage: #""input_tokens":30,"output_tokens":3"#, step)
            #expect(calls.count == 1, "\(step)")
        }
    }

    @Test func `steps that make up the counts are told, for each is priced by its own size`() throws {
        let two =
            #"{"type":"message","input_tokens":60000,"output_tokens":1},{"type":"message","input_tokens":70000,"output_tokens":2}"#
        let parts = [
            TokenCounts(uncachedInput: 60_000, output: 1), TokenCounts(uncachedInput: 70_000, output: 2),
        ]
        let beside = #",{"type":"compaction","input_tokens":9,"output_tokens":1}"#
        for steps in [two, two + beside] {
            let calls = try read("claude-haiku-5-5", usage: #""input_tokens":130000,"output_tokens":3"#, steps)
            #expect(calls[0].billedParts == parts)
            #expect(calls.dropFirst().allSatisfy { $0.billedParts.isEmpty })
        }
        #expect(try read("m", usage: #""input_tokens":130001,"output_tokens":3"#, two)[0].billedParts.isEmpty)
    }

    @Test(
        arguments: [
            (#""cache_creation_input_tokens":100"#, #""ephemeral_24h_input_tokens":100"#, nil, nil, 100),
            (#""cache_creation_input_tokens":0"#, #""ephemeral_24h_input_tokens":70"#, nil, nil, 70),
            (
                #""cache_creation_input_tokens":100"#,
                #""ephemeral_5m_input_tokens":30,"ephemeral_24h_input_tokens":70"#, 30, 0, 70
            ),
            (#""input_tokens":1"#, #""ephemeral_1h_input_tokens":30,"ephemeral_24h_input_tokens":70"#, 0, 30, 70),
        ] as [(String, String, Int64?, Int64?, Int64?)])
    func `a lifetime that nobody knew is a write of unstated lifetime`(
        total: String, split: String, fiveMinutes: Int64?, oneHour: Int64?, unstated: Int64?
    ) throws {
        let usage = total + #","cache_creation":{"# + split + "}"
        let tokens = try #require(try read("claude-opus-4-8", usage: usage, "").first?.tokens)
        #expect(tokens.cacheWrite5m == fiveMinutes)
        #expect(tokens.cacheWrite1h == oneHour)
        #expect(tokens.cacheWrite == unstated)
    }

    @Test func `a stream's steps are told apart by the model that began it`() throws {
        let stream = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","model":"claude-opus-4-8","usage":{"input_tokens":130,"output_tokens":1}}}

            event: message_delta
            data: {"type":"message_delta","usage":{"input_tokens":130,"output_tokens":3,"iterations":[\
            {"type":"message","model":"claude-fable-5","input_tokens":50,"output_tokens":5},\
            {"type":"message","model":"claude-opus-4-8","input_tokens":60,"output_tokens":1},\
            {"type":"message","input_tokens":70,"output_tokens":2}]}}


            """
        let calls = try Intake.forTests.readResponses(
            Array(stream.utf8), of: "anthropic", framing: .eventStream, facts: ResponseFacts { _ in nil },
            receivedTime: Intake.noon
        ).observations
        #expect(calls.map(\.model) == ["claude-opus-4-8", "claude-fable-5"])
        #expect(calls[0].billedParts.map(\.output) == [1, 2])
    }
}
