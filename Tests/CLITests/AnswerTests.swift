import Console
import Foundation
import Ledger
import LocalHTTP
import Metering
import Testing
import Wire

/// Reading what the query service answers.
@Suite struct AnswerTests {
    @Test func `a page of usage becomes cells`() throws {
        let page = try UsagePage(
            json: Array(
                """
                {"v":1,"epoch":"e","seq":9,"group_by":["day","harness","model"],"timezone":"UTC","cost":"auto","rows":[
                {"day":"2026-05-18","harness":"claude-code","model":"claude-opus-4-6","calls":2,"charges":3,
                "tokens":{"uncached_input":1,"cache_read":2,"cache_write_5m":3,"cache_write_1h":4,"cache_write":5,
                "output":6,"reasoning":1},"input_tokens":15,"total_tokens":21,"cost_usd":"0.000000000001",
                "computed_cost_usd":"1","reported_cost_usd":"0","without_cost":{"charges":1,"tokens":7},
                "unpriced":{"charges":1,"tokens":7},"estimated":{"charges":0,"tokens":0}}],
                "totals":{},"next_cursor":"5b"}
                """.utf8))
        let cell = try #require(page.cells.first)
        #expect(page.cells.count == 1)
        #expect(page.next == "5b")
        #expect((cell.period, cell.harness, cell.model) == ("2026-05-18", "claude-code", "claude-opus-4-6"))
        #expect(cell.figures.inputTokens == 1)
        #expect(cell.figures.cacheReadTokens == 2)
        #expect(cell.figures.cacheCreationTokens == 12)
        #expect(cell.figures.outputTokens == 6)
        #expect(cell.figures.totalTokens == 21)
        #expect(cell.figures.cost.picodollars == 1)
        #expect(cell.figures.charges == 3)
        #expect(cell.figures.pricing == .partial)
    }

    @Test func `a page of sessions tells activity`() throws {
        let page = try SessionPage(
            json: Array(
                """
                {"v":1,"sessions":[{"session":"s","harness":"codex","first_activity":"2026-05-18T09:00:00Z",
                "last_activity":"2026-05-18T10:00:00Z","projects":["p"],"calls":1}],"next_cursor":null}
                """.utf8))
        let facts = page.sessions[SessionPage.Identity(harness: "codex", session: "s")]
        #expect(facts?.lastActivity == Timestamp(rfc3339: "2026-05-18T10:00:00Z"))
        #expect(facts?.firstActivity == Timestamp(rfc3339: "2026-05-18T09:00:00Z"))
        #expect(page.next == nil)
    }

    @Test(arguments: [
        (ReportKind.daily, "day%2Charness%2Cmodel", ""), (.weekly, "week%2Charness%2Cmodel", "&week_start=sunday"),
        (.monthly, "month%2Charness%2Cmodel", ""), (.session, "session%2Charness%2Cmodel%2Cproject", ""),
    ])
    func `a report asks for its period, range and zone`(kind: ReportKind, groups: String, more: String) {
        var request = UsageRequest(
            kind: kind, since: CivilDay("20260501"), until: nil, timeZone: "Europe/Berlin", cost: "computed")
        request.weekStart = "sunday"
        let range = "since=2026-05-01&timezone=Europe%2FBerlin"
        let query = "?group_by=\(groups)&limit=10000&detail=brief&\(range)&cost=computed"
        #expect(QueryString.encode(request.usageParameters(after: nil)) == query + more)
        #expect(QueryString.encode(request.usageParameters(after: "ff")).hasSuffix("&cursor=ff" + more))
    }

    @Test func `a report of one agent and project asks for these alone`() {
        var request = UsageRequest(kind: .daily, since: nil, until: nil, timeZone: nil, cost: "auto")
        request.harness = "claude-code"
        request.project = "/src/a b"
        request.isByProject = true
        #expect(
            QueryString.encode(request.usageParameters(after: nil))
                == "?group_by=day%2Charness%2Cmodel%2Cproject&limit=10000&detail=brief&cost=auto&harness=claude-code"
                + "&project=%2Fsrc%2Fa%20b")
    }

    @Test(arguments: [("auto", "0.5"), ("computed", "0.3"), ("reported", "0.2")])
    func `a session's calls are listed with costs that add up`(mode: String, total: String) throws {
        var reported = Self.change(sequence: 1)
        reported.charge.call.reportedCost = Amount(dollars: "0.2")
        reported.charge.rating.cost = nil
        var computed = Self.change(sequence: 2)
        computed.charge.rating.cost = Amount(dollars: "0.3")
        let changes = [reported, computed].map { String(decoding: $0.json, as: UTF8.self) }
        let text = """
            {"v":1,"sessions":[{"session":"s","harness":"claude-code","cost_rule":"per_charge","calls":2,"charges":2,
            "tokens":{"uncached_input":2468,"cache_read":10,"cache_write_5m":14,"output":4},"cost_usd":"\(total)",
            "without_cost":{"charges":0,"tokens":0}},
            {"session":"s","harness":"codex","cost_rule":"reported_alone","cost_usd":"9"}],
            "charges":2,"changes":[\(changes.joined(separator: ","))]}
            """
        let entries = try SessionEntries(json: Array(text.utf8), session: "s", mode: mode, harness: "claude-code")
        var sum = AmountTotal.zero
        for entry in entries.entries { sum += entry.cost ?? .zero }
        #expect(sum.description == total)
        #expect(entries.totals.cost == sum)
        #expect(entries.totals.totalTokens == 2496)
        if mode == "auto" { try Golden.expect(entries.json(showsCost: true).prettyText, is: "session-id.json") }
        #expect(!entries.json(showsCost: false).prettyText.lowercased().contains("cost"))
    }

    @Test(arguments: [(nil, 5), ("claude-code", 2), ("codex", 3)] as [(String?, Int64)])
    func `calls of a session that are in the totals alone are told`(harness: String?, removed: Int64) throws {
        let text = """
            {"v":1,"sessions":[
            {"session":"s","harness":"claude-code","charges":2,"tokens":{"output":4},"cost_usd":"1"},
            {"session":"s","harness":"codex","charges":3,"tokens":{"output":6},"cost_usd":"2"}],
            "charges":5,"removed":5,"changes":[]}
            """
        let entries = try SessionEntries(json: Array(text.utf8), session: "s", mode: "auto", harness: harness)
        #expect(entries.removed == removed && !entries.isEmpty)
        #expect(entries.json(showsCost: true).prettyText.contains("\"removedEntries\": \(removed)"))
        #expect(entries.text(showsCost: true).contains("\(removed) more are in the totals"))
        let other = try SessionEntries(json: Array(text.utf8), session: "s", mode: "auto", harness: "opencode")
        #expect(other.isEmpty)
    }

    @Test func `a refusal is told in the service's own words`() {
        let body = Array(
            #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"since: must be a date"}"#.utf8)
        #expect(ProblemText.message(of: body, status: 400) == "since: must be a date")
        #expect(ProblemText.message(of: body, status: 401).contains("TOLLBOOK_KEY_FILE"))
        #expect(ProblemText.message(of: Array("<html>".utf8), status: 502) == "the service answered with status 502")
    }

    static func change(sequence: Int64, isRetracted: Bool = false, status: Rating.Status = .priced) -> Change {
        var call = Call(
            number: 1, key: CallKey(rawValue: "anthropic:req:req_1"), revision: 2, reason: .update,
            scope: Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s"),
            eventTime: Timestamp(seconds: 1_795_176_000),
            tokens: TokenCounts(uncachedInput: 1234, cacheRead: 5, cacheWrite5m: 7, output: 2), quality: .merged)
        call.model = "claude-opus-4-6"
        call.isRetracted = isRetracted
        call.evidence = Evidence(
            items: [
                .init(
                    observation: ContentID(high: 1, low: 2), channel: .log,
                    eventTime: Timestamp(seconds: 1_795_176_000),
                    tokens: TokenCounts(uncachedInput: 1234, output: 2), cost: nil, verdict: .counted,
                    rule: "channel-authority")
            ], omitted: [.duplicate: 3])
        var rating = Rating(status: status, cost: status == .priced ? Amount(picodollars: 9_177_200_000) : nil)
        rating.costByClass = status == .priced ? [.uncachedInput: Amount(picodollars: 9_177_200_000)] : [:]
        rating.reason = status == .unpriced ? "unknown_model" : nil
        return Change(
            epoch: "e", sequence: sequence, transactionEnd: sequence + 1,
            recordedTime: Timestamp(seconds: 1_795_176_001),
            charge: Charge(call: call, rating: rating),
            delta: .init(tokens: call.tokens, computedCost: .zero, reportedCost: .zero, calls: 1))
    }

    @Test func `the feed's frames are told apart`() throws {
        let change = try FeedFrame(Array("tollbook.v1.default.claude-code.".utf8) + Self.change(sequence: 7).json)
        #expect(change.kind == .change)
        #expect(change.epoch == "e")
        #expect(change.sequence == 7)
        let heartbeat = try FeedFrame(Array(#"tollbook.v1.heartbeat.{"v":1,"epoch":"e","seq":41}"#.utf8))
        #expect(heartbeat.kind == .position)
        #expect(heartbeat.sequence == 41)
        #expect(throws: (any Error).self) { try FeedFrame(Array("tollbook.v1.".utf8)) }
        #expect(throws: (any Error).self) { try FeedFrame(Array("tollbook.v1.{}".utf8)) }
    }

    @Test func `changes are worded for people`() throws {
        let line = try ChangeLine(json: Self.change(sequence: 7).json)
        #expect(
            line.text == "2026-11-20T12:00:00Z  claude-code  s  claude-opus-4-6  "
                + "in 1,234, cache read 5, cache write 7, out 2  $0.0091772  revision 2 (update)")
        #expect((line.sequence, line.transactionEnd) == (7, 8))
        let unpriced = try ChangeLine(json: Self.change(sequence: 7, status: .unpriced).json)
        #expect(unpriced.text.contains("unpriced (unknown_model)"))
        #expect(!unpriced.text.contains("$"))
        #expect(
            try ChangeLine(json: Self.change(sequence: 7, isRetracted: true).json).text.contains("retracted (update)"))
    }

    @Test func `a call is found by its key or by an id`() {
        #expect(CallNames.keys(for: "anthropic:req:req_1") == ["anthropic:req:req_1"])
        #expect(CallNames.keys(for: "req_1").contains("anthropic:req:req_1"))
        #expect(CallNames.keys(for: "resp_1").contains("openai:resp:resp_1"))
    }

    @Test func `a cursor survives being written`() throws {
        let cursor = FeedCursor(epoch: "a\"b", sequence: 9_007_199_254_740_993)
        #expect(try FeedCursor(json: cursor.json) == cursor)
    }

    @Test func `a page of changes keeps each change's bytes`() throws {
        let changes = [Self.change(sequence: 1).json, Self.change(sequence: 2).json]
        let list = changes.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
        let page = try ChangePage(json: Array("{\"epoch\":\"e\",\"last_seq\":2,\"changes\":[\(list)]}".utf8))
        #expect(page.changes == changes)
        #expect(page.last == 2)
    }

    @Test func `an explanation names figures, price, evidence and what it leaves out`() throws {
        var json = JSONWriter()
        json.charge(Self.change(sequence: 1).charge)
        let lines = #"[{"class":"output","tokens":1,"usd_per_million":"25","cost":"0.000025"},{"class":"cache_read"}]"#
        let answer =
            #"{"charge":"# + String(decoding: json.bytes, as: UTF8.self) + #","arithmetic":{"lines":\#(lines)}}"#
        let text = try CallExplanation(json: Array(answer.utf8)).text(isColoured: false)
        #expect(text == (try Golden.text("explanation.txt")))
        let unpriced = CallExplanation(Self.change(sequence: 1, status: .unpriced).charge).text(isColoured: false)
        #expect(unpriced.contains("unpriced: unknown_model"))
        var merged = Self.change(sequence: 1, isRetracted: true).charge
        #expect(CallExplanation(merged).text(isColoured: false).contains("Retracted it no longer counts\n"))
        merged.call.replacement = CallKey(rawValue: "anthropic:req:better")
        let told = CallExplanation(merged).text(isColoured: false)
        #expect(told.contains("Retracted it counts as anthropic:req:better now\n"))
    }
}
