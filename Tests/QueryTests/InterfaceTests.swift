import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Metering
import Operations
import Reporting
import Telemetry
import Testing

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `The interface's description` {
    private func router(_ test: TestLedger) -> Router<BasicRequestContext> {
        let operations = OperatorRoutes(health: HealthState(conditions: [], loops: []), metrics: MetricsRegistry())
        return QueryAPI(
            ledger: test.ledger, head: LedgerHead(), hosts: AllowedHosts(), zone: .utc, operations: operations
        ).router()
    }

    private func get(_ test: TestLedger, _ uri: String) async throws -> (status: Int, type: String, text: String) {
        try await Application(router: router(test)).test(.router) { client in
            try await client.execute(uri: uri, method: .get) { response in
                (response.status.code, response.headers[.contentType] ?? "", String(buffer: response.body))
            }
        }
    }

    private func document(_ test: TestLedger) async throws -> [String: Any] {
        let text = try await get(test, "/openapi.json").text
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `names every route that there is, and no other`() async throws {
        let test = try TestLedger()
        let routes = router(test).routes.filter { $0.method == .get }.map { route in
            // Names in paths are told apart by their place alone.
            route.path.description.split(separator: "/").map { part in
                part == "**" || part.hasPrefix(":") || part.hasPrefix("{") ? "{}" : String(part)
            }
        }
        let paths = try #require(try await document(test)["paths"] as? [String: Any]).keys.map { path in
            path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }
        }
        // Budgets are kept where a service is wired to; here there are none.
        #expect(Set(routes) == Set(paths.filter { !$0.contains("budgets") }))
    }

    @Test func `knows every grouping, every filter and every zone`() async throws {
        let document = try await document(try TestLedger())
        let components = try #require(document["components"] as? [String: Any])
        let parameters = try #require(components["parameters"] as? [String: Any])
        for dimension in Dimension.allCases { #expect(parameters[dimension.rawValue] != nil, "\(dimension)") }
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: document["paths"] ?? [:]), as: UTF8.self)
        for group in GroupKey.allNames { #expect(text.contains("\"\(group)\""), "\(group)") }
        let zone = try #require((parameters["timezone"] as? [String: Any])?["schema"] as? [String: Any])
        #expect((zone["enum"] as? [String])?.contains("Europe/Berlin") == true)
        #expect((zone["enum"] as? [String])?.allSatisfy { TimeZones.offsets(of: $0) != nil } == true)
    }

    @Test func `gives finance FOCUS rows that add up to the computed cost`() async throws {
        let test = try TestLedger()
        var cached = Charges.charge(1, output: 10, computed: 900)
        cached.call.tokens = TokenCounts(uncachedInput: 7, cacheRead: 1000, cacheWrite5m: 50, output: 10)
        cached.rating.costByClass = [
            .uncachedInput: Amount(picodollars: 100), .cacheRead: Amount(picodollars: 200),
            .cacheWrite5m: Amount(picodollars: 250), .output: Amount(picodollars: 300),
        ]
        cached.rating.fees = Amount(picodollars: 50)
        cached.call.provider = .anthropic
        cached.call.attribution.project = "=cmd()"
        try test.commit([[cached], [Charges.charge(2, model: "mystery", output: 30)]])
        let answer = try await get(test, "/v1/focus")
        #expect(answer.type.hasPrefix("text/csv"))
        let lines = answer.text.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(lines[0].map { String($0) } == FocusExport.columns)
        #expect(lines.count == 7)
        let cost = try #require(FocusExport.columns.firstIndex(of: "EffectiveCost"))
        let costs = lines.dropFirst().map { String($0[cost]) }
        #expect(costs.compactMap { Amount(dollars: $0)?.picodollars }.reduce(0, +) == 900)
        // What has no price has no cost; it is never zero.
        #expect(costs.filter(\.isEmpty).count == 1)
        #expect(answer.text.contains(",'=cmd(),"))
        #expect(answer.text.contains("2026-12-01T00:00:00Z,2026-11-01T00:00:00Z,Usage"))
        #expect(try await get(test, "/v1/focus?group_by=day").status == 400)
    }

    @Test func `shows a thread's usage by model and by caller, subagents' calls counted`() async throws {
        let test = try TestLedger()
        var lead = Charges.charge(1, session: "t1", output: 10, computed: 500)
        lead.call.tokens.cacheRead = 80_000
        lead.call.attribution.caller = "lead"
        var subagent = Charges.charge(2, session: "t1", model: "claude-haiku-4-5", output: 20, computed: 100)
        subagent.call.attribution.caller = "subagent"
        var title = Charges.charge(3, session: "t1", model: nil, output: 5)
        title.call.attribution.caller = "title"
        try test.commit([[lead], [subagent], [title], [Charges.charge(4, session: "t2")]])
        let answer = try await get(test, "/api/threads/t1/token-usage?include_active=true")
        let expected =
            #"{"thread_id":"t1","total_tokens":80035,"total_input_tokens":80000,"total_output_tokens":35,"#
            + #""total_runs":1,"by_model":{"claude-haiku-4-5":{"tokens":20,"runs":1,"calls":1,"input_tokens":0,"#
            + #""output_tokens":20,"cost_usd":"0.0000000001","cost_is_complete":true},"claude-opus-4-6":{"tokens":80010,"#
            + #""runs":1,"calls":1,"input_tokens":80000,"output_tokens":10,"cache_read_tokens":80000,"#
            + #""cost_usd":"0.0000000005","cost_is_complete":true},"unknown":{"tokens":5,"runs":1,"calls":1,"#
            + #""input_tokens":0,"output_tokens":5,"cost_usd":null,"cost_is_complete":false}},"#
            + #""by_caller":{"lead_agent":80010,"subagent":20,"middleware":5},"#
            + #""context_usage":{"token_count":80000,"max_context_tokens":200000,"percentage":40.0},"#
            + #""llm_call_count":3,"llm_calls_by_caller":{"lead_agent":1,"subagent":1,"middleware":1},"cost":"auto","#
        #expect(answer.text.hasPrefix(expected), "\(answer.text)")
        #expect(try await get(test, "/api/threads/none/token-usage").status == 404)
    }

    @Test func `gives changes as CloudEvents whose identity outlives the ledger`() async throws {
        let test = try TestLedger()
        try test.commit([
            [Charges.charge(1, session: "s 1", computed: 5)], [Charges.charge(2)], [Charges.retraction(1, revision: 2)],
        ])
        let answer = try await get(test, "/v1/changes?format=cloudevents")
        #expect(answer.type == "application/cloudevents-batch+json")
        let events = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [[String: Any]])
        #expect(
            events.map { $0["type"] as? String } == [
                "tollbook.usage.priced.v1", "tollbook.usage.unpriced.v1", "tollbook.usage.retracted.v1",
            ])
        #expect(events[0]["id"] as? String == "anthropic:req:req_1/1")
        #expect(events[0]["source"] as? String == "/tollbook/default/claude-code")
        #expect(events[0]["subject"] as? String == "s 1")
        #expect(events[2]["sequence"] as? String == "3")
        #expect((events[0]["data"] as? [String: Any])?["seq"] as? Int == 1)
        for name in events.flatMap(\.keys) {
            #expect(name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }, "\(name)")
        }
    }

    @Test func `shows prompts with what a cache held, for readers who know them so`() async throws {
        let test = try TestLedger()
        var charge = Charges.charge(1, output: 10)
        charge.call.tokens = TokenCounts(uncachedInput: 5, cacheRead: 70, cacheWrite1h: 20, output: 10, reasoning: 4)
        try test.commit([[charge]])
        let answer = try await get(test, "/v1/usage?view=inclusive")
        #expect(
            answer.text.contains(
                #""inclusive":{"prompt_tokens":95,"cached_tokens":70,"cache_creation_input_tokens":20,"#
                    + #""completion_tokens":10,"reasoning_tokens":4,"total_tokens":105}"#))
    }

    @Test func `tells rows in brief where it is asked to, and totals whole`() async throws {
        let test = try TestLedger()
        var charge = Charges.charge(1, model: "m", output: 10, computed: 5_000_000_000)
        charge.call.tokens = TokenCounts(uncachedInput: 5, cacheRead: 70, cacheWrite1h: 20, output: 10, reasoning: 4)
        try test.commit([[charge]])
        let answer = try await get(test, "/v1/usage?group_by=model&detail=brief")
        #expect(
            answer.text.contains(
                #""rows":[{"model":"m","calls":1,"charges":1,"tokens":{"uncached_input":5,"cache_read":70,"#
                    + #""cache_write_5m":0,"cache_write_1h":20,"cache_write":0,"output":10,"reasoning":4},"#
                    + #""cost_usd":"0.005","without_cost":{"charges":0,"tokens":0}}],"totals":{"#))
        #expect(answer.text.contains(#""reports":{"#), "the totals")
    }

    @Test(arguments: ["limit=", "detail=none", "limit=1&limit=2", "model=", "view=x", "timezone=", "cursor=zz"])
    func `refuses what could be taken for something else`(query: String) async throws {
        #expect(try await get(try TestLedger(), "/v1/usage?" + query).status == 400)
    }
}
