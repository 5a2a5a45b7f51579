import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Logging
import Metering
import Operations
import Reporting
import Telemetry
import Testing
import Wire

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `The HTTP interface` {
    private func api(_ test: TestLedger, head: LedgerHead = LedgerHead()) -> Application<
        RouterResponder<BasicRequestContext>
    > {
        let health = HealthState(conditions: [], loops: [])
        let ledger = test.ledger
        let operations = OperatorRoutes(health: health, metrics: MetricsRegistry()) { () async throws -> String in
            UsageExposition(try await ledger.movements()).text
        }
        let api = QueryAPI(
            ledger: test.ledger, head: head, hosts: AllowedHosts(extra: ["ledger.example"]), zone: .utc,
            operations: operations)
        return Application(router: api.router())
    }

    private func filled() throws -> TestLedger {
        let test = try TestLedger()
        var traced = Charges.charge(2, session: "a/b c", output: 20, reported: 3, computed: 5)
        traced.call.trace = TraceContext(traceID: "t", spanID: "child", parentSpanID: "root")
        try test.commit([
            [Charges.charge(1, output: 10, computed: 500_000_000_000)], [traced],
            [Charges.charge(3, session: "s3", harness: "codex", model: nil, output: 30)],
        ])
        return test
    }

    private func get(
        _ test: TestLedger, _ uri: String, _ headers: HTTPFields = [:], method: HTTPRequest.Method = .get
    ) async throws -> (status: Int, headers: HTTPFields, text: String) {
        try await api(test).test(.router) { client in
            try await client.execute(uri: uri, method: method, headers: headers) { response in
                (response.status.code, response.headers, String(buffer: response.body))
            }
        }
    }

    @Test func `reports usage as JSON and as CSV`() async throws {
        let test = try filled()
        let json = try await get(test, "/v1/usage?group_by=harness,model&cost=computed")
        #expect(json.status == 200)
        #expect(json.text.contains(#"{"harness":"codex","model":"(none)","calls":1,"charges":1,"#))
        #expect(json.text.contains(#""totals":{"calls":3,"#))
        #expect(json.text.contains(#""cost_usd":"0.500000000005""#))
        #expect(json.text.contains(#""without_cost":{"charges":1,"tokens":30}"#))
        #expect(json.text.contains("\"epoch\":\"\(test.ledger.epoch)\",\"seq\":3"))
        let csv = try await get(test, "/v1/usage?group_by=session", [.accept: "text/csv"])
        #expect(csv.headers[.contentType]?.hasPrefix("text/csv") == true)
        #expect(csv.text.split(separator: "\r\n").count == 4)
    }

    @Test func `pages through rows with a cursor`() async throws {
        let test = try filled()
        var cursor = ""
        var sessions: [String] = []
        repeat {
            let page = try await get(
                test, "/v1/usage?group_by=session&limit=1" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))
            sessions.append(
                try #require(page.text.firstMatch(of: /"rows":\[\{"session":"([^"]*)"/)).output.1.description)
            cursor = page.text.firstMatch(of: /"next_cursor":"([0-9a-f]+)"/)?.output.1.description ?? ""
        } while !cursor.isEmpty
        #expect(sessions == ["a/b c", "s1", "s3"])
    }

    @Test(arguments: [
        ("/v1/usage?group_by=colour", "group_by"), ("/v1/usage?since=x", "since"), ("/v1/sessions?limit=-1", "limit"),
        ("/v1/sessions?cursor=1", "cursor"), ("/v1/changes?after=-1", "after"), ("/v1/changes?wait=3600", "wait"),
    ])
    func `answers what is wrong as a problem that names the parameter`(uri: String, parameter: String) async throws {
        let answer = try await get(try filled(), uri)
        #expect(answer.status == 400)
        #expect(answer.headers[.contentType] == "application/problem+json")
        #expect(answer.text.contains("\"parameter\":\"\(parameter)\""))
    }

    @Test func `lists sessions, last active first, and shows one with its changes`() async throws {
        let test = try filled()
        let list = try await get(test, "/v1/sessions?limit=2")
        #expect(list.text.contains(#""harness":"codex""#))
        #expect(list.text.contains(#""next_cursor":""#))
        let filtered = try await get(test, "/v1/sessions?harness=codex")
        #expect(filtered.text.contains(#""session":"s3""#))
        #expect(!filtered.text.contains(#""session":"s1""#))
        let one = try await get(test, "/v1/sessions/a%2Fb%20c")
        #expect(one.text.contains(#""session":"a/b c""#))
        #expect(one.text.contains(#""changes":[{"v":1,"#))
        #expect(try await get(test, "/v1/sessions/nobody").status == 404)
    }

    @Test func `explains a call down to its arithmetic`() async throws {
        let test = try filled()
        let answer = try await get(test, "/v1/calls/anthropic:req:req_1")
        #expect(answer.text.contains(#"{"class":"output","tokens":10,"usd_per_million":"50000","cost":"0.5"}"#))
        #expect(answer.text.contains(#""adds_up":true"#))
        #expect(answer.text.contains(#""rule":"per_charge""#))
        #expect(try await get(test, "/v1/calls/anthropic:req:none").status == 404)
    }

    @Test func `replays changes as a document and as lines`() async throws {
        let test = try filled()
        let page = try await get(test, "/v1/changes?after=1&limit=1")
        #expect(page.text.hasPrefix(#"{"v":1,"epoch":"\#(test.ledger.epoch)","last_seq":3,"changes":[{"#))
        #expect(page.text.contains(#""seq":2,"#) && !page.text.contains(#""seq":3,"#))
        let lines = try await get(test, "/v1/changes", [.accept: "application/x-ndjson"])
        #expect(lines.text.split(separator: "\n").count == 3)
        #expect(HTTPField.Name("Tollbook-Last-Seq").flatMap { lines.headers[$0] } == "3")
    }

    @Test func `waits for the next change when asked to`() async throws {
        let test = try filled()
        let head = LedgerHead()
        head.advance(to: 3)
        let application = api(test, head: head)
        let asked = Task {
            try await application.test(.router) { client -> Int in
                // Once is enough, unless this test is held up for longer than one answer waits.
                for count in 1...10 {
                    let text = try await client.execute(uri: "/v1/changes?after=3&wait=30", method: .get) { response in
                        String(buffer: response.body)
                    }
                    if text.contains(#""seq":4,"#) { return count }
                }
                return 0
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        try test.commit([[Charges.charge(4)]])
        head.advance(to: 4)
        #expect(try await asked.value > 0)
    }

    @Test func `answers in Beacon's form, errors too`() async throws {
        let test = try filled()
        let report = try await get(test, "/api/tokens?session=A/B%20C&cost=auto")
        #expect(report.text.hasPrefix(#"{"totals":{"input_tokens":0,"output_tokens":20,"#))
        #expect(report.text.contains(#""session_detail":{"session_id":"a/b c","#))
        #expect(report.text.contains(#""span_id":"child","parent_span_id":"root""#))
        let wrong = try await get(test, "/api/tokens?bucket=soon")
        #expect(wrong.status == 400)
        #expect(wrong.text.hasPrefix(#"{"error":"bucket "#))
    }

    @Test func `shows operators metrics whose names are stable`() async throws {
        let answer = try await get(try filled(), "/metrics")
        #expect(
            answer.text.contains(
                #"tollbook_tokens_total{harness="claude-code",model="claude-opus-4-6",project="",provider="",type="output"} 30"#
            ))
        #expect(answer.text.contains(#"tollbook_unpriced_tokens_total{harness="codex",model="","#))
        #expect(try await get(try filled(), "/readyz").status == 200)
    }

    @Test func `says that nothing is known of a session instead of an empty list`() async throws {
        let test = try filled()
        #expect(try await get(test, "/v1/reconciliation").text.contains(#""reconciliations":[],"next_cursor":null"#))
        let missing = try await get(test, "/v1/reconciliation?session=nobody")
        #expect(missing.status == 404)
        #expect(missing.text.contains("session nobody"))
        #expect(try await get(test, "/v1/reconciliation?cursor=x").status == 400)
    }

    @Test func `answers readers only, and lets nothing be cached`() async throws {
        let test = try filled()
        let denied = try await get(test, "/v1/usage", method: .post)
        #expect(denied.status == 405)
        #expect(denied.headers[.allow] == "GET, HEAD")
        let answer = try await get(test, "/v1/usage")
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(try await get(test, "/nothing").headers[.contentType] == "application/problem+json")
    }

    @Test(arguments: [
        ("127.0.0.1:7100", true), ("localhost", true), ("LOCALHOST:80", true), ("[::1]:7100", true),
        ("ledger.example", true),
        ("evil.example", false), ("127.0.0.1.evil.example", false), ("localhost.", false), (":7100", false),
    ])
    func `is asked by known names only`(authority: String, isAdmitted: Bool) {
        #expect(AllowedHosts(extra: ["ledger.example"]).admits(authority) == isAdmitted)
    }

    @Test func `serves a dashboard that can load nothing from elsewhere`() async throws {
        let test = try filled()
        let page = try await get(test, "/")
        #expect(page.status == 200)
        #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        #expect(!page.text.contains("http://") && !page.text.contains("https://"))
        #expect(!page.text.contains("style=") && !page.text.contains("onclick"))
        for path in ["/dashboard.css"] + DashboardRoutes.modules.map({ "/dashboard/\($0).js" }) {
            let file = try await get(test, path)
            #expect(file.status == 200)
            #expect(!file.text.isEmpty)
            #expect(!file.text.contains("http://") && !file.text.contains("https://"))
        }
    }
}
