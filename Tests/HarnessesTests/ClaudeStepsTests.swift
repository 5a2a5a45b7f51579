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
}
