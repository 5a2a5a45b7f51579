import Harnesses
import Metering
import Testing

/// Claude Code's session files.
struct ClaudeTranscriptTests {
    private let harness = Harness(rawValue: "claude-code")

    private func read(_ text: [UInt8], file: String = "session.jsonl") throws -> IntakeResult {
        try Intake.forTests.readTranscript(text, of: harness, file: file, receivedTime: Intake.noon)
    }

    private func read(_ text: String) throws -> IntakeResult { try read(Array(text.utf8)) }

    @Test func `the lines of one message share its keys, and the last has its counts`() throws {
        let observations = try read(try Fixture.bytes("claude-code/transcript/session.jsonl")).observations
        #expect(observations.count == 4)
        let first = observations.filter { $0.keys.contains("anthropic:msg:msg_01AaAaAaAaAaAaAaAaAaAaAa") }
        #expect(
            first.map(\.keys)
                == Array(
                    repeating: [
                        "anthropic:req:req_011CZxA1aaaaaaaaaaaaaaaa", "anthropic:msg:msg_01AaAaAaAaAaAaAaAaAaAaAa",
                    ],
                    count: 2))
        #expect(first.map { $0.tokens?.output } == [4, 830])
        #expect(
            first.last?.tokens
                == TokenCounts(
                    uncachedInput: 12, cacheRead: 18452, cacheWrite5m: 0, cacheWrite1h: 2310, output: 830))
        #expect(first.allSatisfy { $0.attribution.project == "proj" && $0.attribution.branch == "main" })
        #expect(first.allSatisfy { $0.attribution.caller == "lead" && $0.inferenceGeo == nil && $0.speed == nil })
    }

    @Test func `a subagent's file belongs to its session and names the agent`() throws {
        let observations = try read(try Fixture.bytes("claude-code/transcript/subagent.jsonl")).observations
        #expect(observations.count == 1)
        let call = try #require(observations.first)
        #expect(call.session == "3f2b8c1e-6a4d-4c7b-9e55-0d1f2a3b4c5d")
        #expect(call.attribution.agentID == "a81f20c4")
        #expect(call.attribution.caller == "subagent")
        #expect(call.keys.first == "anthropic:req:req_011CZxA2bbbbbbbbbbbbbbbb")
    }

    @Test func `a workflow's subagents belong to the session that started it, each by its own name`() throws {
        let session = "3f2b8c1e-6a4d-4c7b-9e55-0d1f2a3b4c5d"
        let folder = "\(session)/subagents/workflows/wf_7d21"
        let files = try #require(HarnessCatalog.standard.sessionFiles.first { $0.harness == harness }?.files)
        var agents: [String?] = []
        for name in ["agent-a1b2c3d4.jsonl", "agent-e5f60718.jsonl"] {
            #expect(files.form(of: "-home-dev-proj/\(folder)/\(name)") == .lines)
            let text = try Fixture.bytes("claude-code/transcript-workflow/\(folder)/\(name)")
            let observations = try read(text, file: "\(folder)/\(name)").observations
            #expect(observations.allSatisfy { $0.session == session && $0.attribution.caller == "subagent" })
            agents += observations.map(\.attribution.agentID)
        }
        #expect(agents == ["a1b2c3d4", "a1b2c3d4", "e5f60718"])
    }

    @Test func `the edges of the format are read as expected`() throws {
        let result = try read(try Fixture.bytes("claude-code/transcript-edge/session.jsonl"))
        let observations = result.observations
        #expect(result.rejected.isEmpty)
        // The synthetic line and the aside's replay.
        #expect(result.ignored == 2)
        func call(_ key: String) -> [Observation] { observations.filter { $0.keys.contains(key) } }

        let fast = call("anthropic:req:req_011Fast")
        #expect(fast.map(\.speed) == ["fast", "fast"])
        #expect(Set(fast.map(\.id)).count == 2, "a fork's copy is another observation of the same call")

        let advised = try #require(call("anthropic:req:req_011Adv").first)
        #expect(
            advised.tokens
                == TokenCounts(
                    uncachedInput: 20, cacheRead: 5000, cacheWrite5m: 0, cacheWrite1h: 0, output: 300))
        let advice = try #require(call("anthropic:iter:req_011Adv#1").first)
        #expect(advice.keys == ["anthropic:iter:req_011Adv#1", "anthropic:iter:msg_01Adv#1"])
        #expect(advice.model == "claude-opus-4-8")
        #expect(advice.tokens == TokenCounts(uncachedInput: 6000, cacheRead: 0, cacheWrite: 0, output: 150))
        #expect(call("anthropic:req:req_011AdvReplay").isEmpty)

        #expect(
            call("anthropic:req:req_011Nest").first?.tokens
                == TokenCounts(
                    uncachedInput: 1, cacheRead: 0, cacheWrite5m: 200, cacheWrite1h: 300, output: 10))
        let bedrock = try #require(call("anthropic:msg:msg_bdrk_01Xyz").first)
        #expect(bedrock.keys == ["anthropic:msg:msg_bdrk_01Xyz"])
        #expect(bedrock.provider?.rawValue == "aws.bedrock")
        let web = try #require(call("anthropic:req:req_011Web").first)
        #expect(web.webSearchRequests == 2)
        #expect(web.inferenceGeo == "us")
        let old = try #require(call("anthropic:req:req_01Old").first)
        #expect(old.cost?.description == "0.0123")
        #expect(old.tokens == TokenCounts(uncachedInput: 4, cacheRead: 10000, cacheWrite: 2000, output: 120))
    }

    @Test func `a copy in a fork is attributed to the session that made the request`() throws {
        let line = """
            {"type":"assistant","sessionId":"fork","requestSessionId":"first","requestId":"req_1","uuid":"u",\
            "timestamp":"2026-11-21T00:35:44.671Z","message":{"id":"msg_1","model":"m","usage":{"output_tokens":5}}}
            """
        #expect(try read(line).observations.map(\.session) == ["first"])
    }

    @Test func `an aside whose message stands elsewhere does not lend its request to the message`() throws {
        let line = """
            {"type":"assistant","sessionId":"s","isSidechain":true,"requestId":"req_aside","uuid":"u",\
            "message":{"id":"msg_1","model":"m","usage":{"output_tokens":5}}}
            """
        #expect(try read(line).observations.map(\.keys) == [["anthropic:msg:msg_1"]])
    }

    @Test func `where a line stands does not change its identity`() throws {
        let text = try Fixture.bytes("claude-code/transcript/session.jsonl")
        let lines = text.split(separator: UInt8(ascii: "\n"))
        let shuffled = Array(lines.reversed().joined(separator: [UInt8(ascii: "\n")]))
        let ids = Set(try read(text).observations.map(\.id))
        #expect(ids.count == 4)
        #expect(Set(try read(shuffled, file: "copy.jsonl").observations.map(\.id)) == ids)
    }

    @Test func `bad lines are dead letters with a reason, and the rest of the file is read`() throws {
        let good = #"{"type":"assistant","uuid":"u","message":{"id":"m","model":"x","usage":{"output_tokens":5}}}"#
        let deep = String(repeating: "[", count: 200)
        var text = Array(
            """
            not json
            \(good)
            {"type":"user","message":{"role":"user","content":"hello"}}
            {"type":"assistant","message":{"id":"n","usage":{"output_tokens":-1}}}
            {"type":"assistant","message":{"id":"n","usage":{"output_tokens":1.5}}}
            {"type":"assistant","message":{"id":"n","usage":{}}}
            {"type":"brand-new-kind","usage":{"output_tokens":9}}
            {"type":\(deep)

            {"type":"assistant","message":
            """.utf8)
        text += [UInt8(ascii: "\n"), 0xFF, 0xFE, 0x00]
        let result = try read(text)
        #expect(result.observations.count == 1)
        #expect(
            result.deadLetters.map(\.reason) == [
                "malformed_line", "negative_token_count", "fractional_token_count", "no_usage", "nested_too_deeply",
                "malformed_line", "malformed_line",
            ])
        #expect(result.deadLetters[1].field == "output_tokens")
        #expect(result.ignored == 2)
    }

    @Test func `more usage than one request may hold is refused whole`() {
        let line = #"{"type":"assistant","message":{"id":"m","usage":{"output_tokens":1}}}"#
        let text = repeatElement(line, count: Intake.maximumEvents + 2).joined(separator: "\n")
        #expect(throws: TranscriptError.tooManyRecords(limit: Intake.maximumEvents)) { try read(text) }
    }

    @Test func `files of a harness without a reader are refused`() {
        #expect(throws: TranscriptError.unknownHarness) {
            try Intake.forTests.readTranscript(
                [], of: Harness(rawValue: "somebody-else"), file: "f", receivedTime: Intake.noon)
        }
        #expect(HarnessCatalog.standard.transcriptHarnesses.contains(harness))
    }
}
