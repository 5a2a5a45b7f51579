import Harnesses
import Metering
import Testing

/// Claude Code's events, metrics and spans.
struct ClaudeCodeTests {
    private let intake = Intake.forTests
    private let session = "3f2b8c1e-6a4d-4c7b-9e55-0d1f2a3b4c5d"

    @Test func `an event reports a request with its ids, counts, cost and caller`() throws {
        let result = try intake.read(try Fixture.bytes("claude-code/otel-logs/request.json"), .logs)
        #expect(result.accepted == 3)
        #expect(result.ignored == 5)
        #expect(result.rejected.isEmpty)
        let lead = try #require(result.observations.first)
        #expect(lead.harness.rawValue == "claude-code")
        #expect(lead.session == session)
        #expect(lead.channel == .log)
        #expect(
            lead.keys == [
                "anthropic:req:req_011CZxA1aaaaaaaaaaaaaaaa", "anthropic:creq:b7a1f6d0-0001-4c1e-9d57-000000000001",
            ])
        #expect(lead.tokens == TokenCounts(uncachedInput: 12, cacheRead: 18452, cacheWrite: 2310, output: 830))
        #expect(lead.cost?.description == "0.053136")
        #expect(lead.model == "claude-opus-4-8")
        #expect(lead.provider == .anthropic)
        #expect(lead.speed == nil)
        #expect(lead.eventTime.description == "2026-08-20T14:03:12.345Z")
        #expect(lead.attribution.caller == "lead")
        #expect(lead.attribution.user == "dev@example.com")
        let subagent = result.observations[1]
        #expect(subagent.attribution.caller == "subagent")
        #expect(subagent.attribution.agentName == "Explore")
        #expect(subagent.tokens == TokenCounts(uncachedInput: 405, cacheRead: 0, cacheWrite: 9120, output: 212))
    }

    @Test func `numbers written as text before version 2.1.122 are read, and a request without an id gets a key`()
        throws
    {
        let result = try intake.read(
            try Fixture.bytes("claude-code/otel-logs-legacy-strings/request.json"), .logs)
        let observation = try #require(result.observations.first)
        #expect(result.observations.count == 1)
        #expect(observation.tokens == TokenCounts(uncachedInput: 3, cacheRead: 12000, cacheWrite: 800, output: 512))
        #expect(observation.cost?.description == "0.023815")
        #expect(observation.model == "us.anthropic.claude-opus-4-6-v1")
        #expect(
            observation.keys == [
                "claude-code:rec:aaaaaaaa-0000-4000-8000-000000000e9c:1:1775116800000000000:3,12000,,,800,512,"
            ])
    }

    @Test(arguments: [
        ("2310", "10", "2300", TokenCounts(cacheWrite5m: 10, cacheWrite1h: 2300)),
        ("2310", "10", "2000", TokenCounts(cacheWrite5m: 10, cacheWrite1h: 2000, cacheWrite: 300)),
        ("0", "10", "20", TokenCounts(cacheWrite5m: 10, cacheWrite1h: 20)),
        ("2310", "0", "0", TokenCounts(cacheWrite: 2310)),
        ("0", "0", "0", TokenCounts(cacheWrite5m: 0, cacheWrite1h: 0)),
    ])
    func `writes are split by lifetime as far as the event tells`(
        total: String, fiveMinutes: String, oneHour: String, expected: TokenCounts
    ) throws {
        let body = OTLPBody.log([
            ("request_id", OTLPBody.text("req_1")), ("cache_creation_tokens", OTLPBody.int(total)),
            ("cache_creation_5m_tokens", OTLPBody.int(fiveMinutes)),
            ("cache_creation_1h_tokens", OTLPBody.int(oneHour)),
        ])
        #expect(try intake.read(body, .logs).observations.first?.tokens == expected)
    }

    @Test func `micros stand in for a cost that is missing`() throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.int("1")), ("cost_usd_micros", OTLPBody.int("\"53136\""))])
        #expect(try intake.read(body, .logs).observations.first?.cost?.description == "0.053136")
    }

    @Test(arguments: [
        ("repl_main_thread", "lead"), ("repl_main_thread:compact_view", "lead"), ("main", "lead"), ("sdk", "lead"),
        ("subagent", "subagent"), ("agent:builtin:general-purpose", "subagent"), ("compact", "compact"),
        ("generate_session_title", "title"), ("auxiliary", "auxiliary"),
    ])
    func `the query's source names the caller`(source: String, caller: String) throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.int("1")), ("query_source", OTLPBody.text(source))])
        #expect(try intake.read(body, .logs).observations.first?.attribution.caller == caller)
    }

    @Test func `tokens and cost of a metric share a group, and each series is its own`() throws {
        let result = try intake.read(try Fixture.bytes("claude-code/otel-metrics/request.json"), .metrics)
        let points = result.observations.compactMap(\.point)
        #expect(Set(result.observations.map(\.session)) == [session])
        #expect(Set(points.map(\.series)).count == points.count)
        #expect(points.allSatisfy { $0.temporality == .delta && $0.start != nil })
        for (group, members) in Dictionary(grouping: points, by: \.group) {
            let measures = members.map(\.measure)
            #expect(Set(measures).count == measures.count, "group \(group) repeats a measure")
            #expect(measures.contains(.cost))
            #expect(measures.contains(.tokens(.cacheWrite, within: nil)))
        }
        func sum(_ measure: AggregatePoint.Measure) -> Int64 {
            points.filter { $0.measure == measure }.reduce(0) { $0 + $1.value }
        }
        #expect(sum(.tokens(.uncachedInput, within: nil)) == 423)
        #expect(sum(.tokens(.cacheRead, within: nil)) == 39214)
        #expect(sum(.tokens(.cacheWrite, within: nil)) == 12974)
        #expect(sum(.tokens(.output, within: nil)) == 2246)
        #expect(sum(.cost) == 121_952_000_000)
    }

    @Test func `the long context mark is taken off the model and kept as reported`() throws {
        let result = try intake.read(try Fixture.bytes("claude-code/otel-metrics-1m-suffix/request.json"), .metrics)
        let marked = result.observations.filter { $0.reportedModel == "claude-opus-4-8[1m]" }
        #expect(!marked.isEmpty)
        #expect(marked.allSatisfy { $0.model == "claude-opus-4-8" })
    }

    @Test func `a restarted process gives the same series another start`() throws {
        var starts: [ContentID: Set<Timestamp>] = [:]
        for line in try Fixture.lines("claude-code/otel-metrics-cumulative/requests.jsonl") {
            for point in try intake.read(line, .metrics).observations.compactMap(\.point) {
                #expect(point.temporality == .cumulative)
                if let start = point.start { starts[point.series, default: []].insert(start) }
            }
        }
        #expect(starts.values.contains { $0.count == 2 })
    }

    @Test func `a span reports a request under the same request id, with its place among agents`() throws {
        let result = try intake.read(try Fixture.bytes("claude-code/otel-traces/request.json"), .traces)
        #expect(result.observations.count == 3)
        let subagent = try #require(result.observations.first { $0.attribution.agentID == "a81f20c4" })
        #expect(subagent.channel == .span)
        #expect(
            subagent.keys == [
                "anthropic:req:req_011CZxA2bbbbbbbbbbbbbbbb", "anthropic:creq:b7a1f6d0-0002-4c1e-9d57-000000000002",
                "otel:span:4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba90202",
            ])
        #expect(subagent.tokens == TokenCounts(uncachedInput: 405, cacheRead: 0, cacheWrite: 9120, output: 212))
        #expect(subagent.trace?.parentSpanID == "00f067aa0ba902a1")
        #expect(subagent.attribution.caller == "subagent")
        #expect(subagent.authority > Channel.log.defaultAuthority)
    }

    @Test func `a span of a request that failed reports nothing`() throws {
        let body = OTLPBody.span(
            service: "claude-code", name: "claude_code.llm_request", [("success", #"{"boolValue":false}"#)])
        let result = try intake.read(body, .traces)
        #expect(result.events.isEmpty)
        #expect(result.ignored == 1)
    }

    @Test func `an event without any usage becomes a dead letter`() throws {
        let result = try intake.read(OTLPBody.log([("model", OTLPBody.text("claude-opus-4-8"))]), .logs)
        #expect(result.deadLetters.map(\.reason) == ["no_usage"])
    }
}
