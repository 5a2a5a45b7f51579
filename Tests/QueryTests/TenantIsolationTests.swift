import Access
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Metering
import Operations
import Reporting
import Settings
import Telemetry
import Testing
import Wire

@testable import QueryService

/// What a key shows: its tenant's figures, and nothing of any other, on every route.
@Suite(.timeLimit(.minutes(30))) struct TenantIsolationTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-tenants-\(UUID().uuidString)")
    private let keys: KeyFile
    private let ledger: TestLedger
    private let head: LedgerHead

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        keys = KeyFile(path: folder.appending(path: "keys.json").path)
        ledger = try TestLedger()
        head = LedgerHead(view: TenantView(isGuarded: true))
        var charges: [Charge] = []
        for (index, tenant) in ["acme", "globex", "acme", "globex"].enumerated() {
            var charge = Charges.charge(
                Int64(index + 1), session: index < 2 ? "shared" : "session-\(index + 1)", model: "model-of-\(tenant)",
                output: tenant == "acme" ? 11 : 7_654_321,
                computed: tenant == "acme" ? 5 : 987_654_321_000_000)
            // Both tenants have a call of one key, as when one request is metered by both.
            if index < 2 { charge.call.key = CallKey(space: "anthropic", kind: .request, value: "req_shared") }
            charge.call.scope.tenant = tenant
            charge.call.attribution.project = "project-of-\(tenant)"
            charges.append(charge)
        }
        try ledger.commit(charges.map { [$0] })
    }

    private func key(_ tenant: String, _ scopes: Set<AccessScope> = [.read]) throws -> String {
        let secret = KeySecret.make()
        try keys.update { keys in
            keys.append(
                KeyRecord(secret, tenant: tenant, scopes: scopes, created: "2026-11-21T00:00:00Z", note: nil))
        }
        return secret.text
    }

    private func ask(
        _ uris: [String], _ authorization: String?, _ headers: HTTPFields = [:]
    ) async throws -> [(status: Int, headers: HTTPFields, text: String)] {
        let health = HealthState(conditions: [], loops: [])
        let reading = ledger.ledger
        let operations = OperatorRoutes(health: health, metrics: MetricsRegistry()) { () async throws -> String in
            UsageExposition(try await reading.movements()).text
        }
        let api = QueryAPI(
            ledger: reading, head: head, hosts: AllowedHosts(), zone: .utc, operations: operations,
            keys: try KeyRing(keys))
        var fields = headers
        fields[.authorization] = authorization
        let sent = fields
        return try await Application(router: api.router()).test(.router) { client in
            var answers: [(status: Int, headers: HTTPFields, text: String)] = []
            for uri in uris {
                answers.append(
                    try await client.execute(uri: uri, method: .get, headers: sent) { response in
                        (response.status.code, response.headers, String(buffer: response.body))
                    })
            }
            return answers
        }
    }

    /// Every route that shows figures, asked for as much as it gives.
    private static let routes = [
        "/v1/usage?group_by=tenant,model,project,session", "/v1/usage?group_by=tenant&tenant=globex",
        "/v1/usage?group_by=model&format=csv", "/v1/sessions", "/v1/sessions?tenant=globex", "/v1/sessions/shared",
        "/v1/sessions/session-4", "/v1/calls/anthropic:req:req_shared", "/v1/calls/anthropic:req:req_4",
        "/v1/changes", "/v1/changes?format=ndjson", "/v1/changes?after=1&limit=1", "/api/tokens",
        "/api/tokens?session=shared", "/api/tokens?session=session-4",
    ]

    @Test func `no route shows another tenant's figures, names or prices`() async throws {
        let own = try await ask(Self.routes, "Bearer " + (try key("acme")))
        for (route, answer) in zip(Self.routes, own) {
            #expect([200, 404].contains(answer.status), "\(route)")
            for trace in ["of-globex", "\"globex\"", "7654321", "987.654321", "req_4"] {
                #expect(!answer.text.contains(trace), "\(route) shows \(trace)")
            }
        }
        #expect(own.filter { $0.text.contains("acme") }.count >= 8)
        #expect(own[7].status == 200)
        #expect(own[8].status == 404)
        let other = try await ask(["/v1/calls/anthropic:req:req_shared"], "Bearer " + (try key("globex")))
        #expect(other[0].text.contains("model-of-globex"))
        #expect(!other[0].text.contains("model-of-acme"))
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `the changes of others are passed over, however many there are`() async throws {
        let page = try await ask(
            ["/v1/changes?after=0&limit=1", "/v1/changes?after=1&limit=1"], "Bearer " + key("globex"))
        #expect(page[0].text.contains("\"seq\":2"))
        #expect(page[1].text.contains("\"seq\":2"))
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `without a key every route but the probes is closed`() async throws {
        _ = try key("acme")
        let closed = Self.routes + ["/", "/dashboard.js", "/metrics", "/openapi.json", "/v1/events", "/nothing"]
        for (route, answer) in zip(closed, try await ask(closed, nil)) {
            #expect(answer.status == 401, "\(route)")
            #expect(answer.headers[.wwwAuthenticate] == "Bearer")
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
        let open = try await ask(["/livez", "/readyz"], nil)
        #expect(open.allSatisfy { $0.status != 401 })
        let page = try await ask(["/"], nil, [.accept: "text/html"])
        #expect(page[0].headers[.wwwAuthenticate]?.hasPrefix("Basic") == true)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `a key opens what its scopes say`() async throws {
        let reading = try key("acme")
        let (ingest, admin) = (try key("acme", [.ingest]), try key("acme", [.admin]))
        #expect(try await ask(["/v1/usage", "/metrics"], "Bearer \(reading)").map(\.status) == [200, 403])
        #expect(try await ask(["/v1/usage", "/metrics"], "Bearer \(ingest)").map(\.status) == [403, 403])
        #expect(try await ask(["/v1/usage", "/metrics"], "Bearer \(admin)").map(\.status) == [403, 200])
        // The router takes these for the same routes.
        for path in ["//metrics", "/metrics/", "///metrics", "/v1//budgets", "/v1/budgets/"] {
            #expect(try await ask([path], "Bearer \(reading)").map(\.status) == [403], "\(path)")
        }
        let basic = "Basic " + Data("anyone:\(reading)".utf8).base64EncodedString()
        #expect(try await ask(["/v1/usage", "/"], basic).map(\.status) == [200, 200])
        #expect(try await ask(["/v1/usage"], "Bearer \(reading)0").map(\.status) == [401])
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `no answer allows pages of other sites`() async throws {
        let origin: HTTPFields = try [#require(.init("Origin")): "https://evil.example"]
        let answers = try await ask(Self.routes + ["/"], "Bearer " + (try key("acme")), origin)
        for answer in answers {
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        }
        #expect(answers.last?.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `where keys are asked for, what has no grant is shown nothing`() async throws {
        let guarded = TenantLedger(base: ledger.ledger, view: TenantView(isGuarded: true))
        #expect(try await guarded.sessions(SessionListRequest()).sessions.isEmpty)
        #expect(try await guarded.changes(after: 0, limit: 10).changes == [[], [], [], []])
        #expect(try await guarded.explanation(of: CallKey(rawValue: "anthropic:req:req_4")) == nil)
        let plain = TenantLedger(base: ledger.ledger, view: TenantView(isGuarded: false))
        #expect(try await plain.sessions(SessionListRequest()).sessions.count == 4)
        try FileManager.default.removeItem(at: folder)
    }
}
