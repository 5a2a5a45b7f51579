import Foundation
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

/// What becomes of a ledger whose old texts are removed: its totals do not move, and what is missing says so.
@Suite(.timeLimit(.minutes(30))) struct RetentionTests {
    private static let now = Timestamp(seconds: 1_795_200_000)
    private static let day: Int64 = 86_400

    /// Charges of two tenants, recorded 200, 100 and 10 days ago, some of them revised, one session over all times.
    private func filled() throws -> TestLedger {
        let test = try TestLedger()
        for (batch, age) in [200, 100, 10].enumerated() {
            let time = Timestamp(seconds: Self.now.seconds - Int64(age) * Self.day)
            let charges = (1...8).map { place in
                var charge = Charges.charge(
                    Int64(batch * 8 + place), session: place % 4 == 0 ? "long" : "s\(batch)-\(place)",
                    at: time.seconds + Int64(place) * 1000, output: Int64(100 + place),
                    reported: place % 3 == 0 ? 77 : nil, computed: Int64(place) * 1_000_003)
                charge.call.scope.tenant = place % 2 == 0 ? "acme" : "globex"
                charge.call.attribution.project = "p\(place % 3)"
                return charge
            }
            try test.commit(charges.map { [$0] }, at: time)
        }
        return test
    }

    private func keeper(_ test: TestLedger, _ policy: String) throws -> RetentionKeeper {
        RetentionKeeper(
            policy: try RetentionPolicy(policy), ledger: test.ledger, now: { Self.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            settings: RetentionKeeper.Settings(interval: .seconds(3600), pause: .zero))
    }

    private static let queries = [
        "", "group_by=day", "group_by=hour,project&timezone=Asia/Kolkata", "group_by=session", "group_by=session,day",
        "group_by=tenant,model", "group_by=month&cost=computed", "session=long", "cost=reported&group_by=status",
        "since=2026-05-09T11:13:17Z&until=2026-08-19T00:00:01Z&group_by=session",
    ]

    private func reports(_ test: TestLedger) async throws -> [String] {
        var reports: [String] = []
        for query in Self.queries {
            reports.append(String(decoding: try await test.report(query).json(epoch: "e", sequence: 0), as: UTF8.self))
        }
        return reports
    }

    private func get(_ test: TestLedger, _ uris: [String]) async throws -> [(status: Int, text: String)] {
        let operations = OperatorRoutes(health: HealthState(conditions: [], loops: []), metrics: MetricsRegistry())
        let head = LedgerHead()
        head.advance(to: test.writer.lastSequence)
        let api = QueryAPI(ledger: test.ledger, head: head, hosts: AllowedHosts(), zone: .utc, operations: operations)
        return try await Application(router: api.router()).test(.router) { client in
            var answers: [(status: Int, text: String)] = []
            for uri in uris {
                answers.append(
                    try await client.execute(uri: uri, method: .get) { response in
                        (response.status.code, String(buffer: response.body))
                    })
            }
            return answers
        }
    }

    @Test func `totals of every report are the same before and after, and after a restart`() async throws {
        let test = try filled()
        let before = try await reports(test)
        try await keeper(test, "150,acme=50").walk()
        let removed = try await test.ledger.removedChanges()
        #expect(removed["globex"]?.count == 4 && removed["acme"]?.count == 8)
        #expect(try await reports(test) == before)
        try test.reopen()
        #expect(try await reports(test) == before)
        #expect(try await test.ledger.movements().reduce(0) { $0 + $1.added.charges } == 24)
    }

    @Test func `a late revision of a charge whose text is gone replaces it and adds nothing twice`() async throws {
        let (kept, cut) = (try filled(), try filled())
        try await keeper(cut, "1").walk()
        var late = Charges.charge(
            1, revision: 2, session: "s0-1", at: Self.now.seconds - 200 * Self.day + 1000, output: 5, computed: 9)
        late.call.scope.tenant = "globex"
        for test in [kept, cut] {
            let commit = try test.commit([[late], [Charges.charge(2, session: "s0-2")]], at: Self.now)
            #expect(commit.changes.count == 1 && commit.stale == 1)
        }
        #expect(try await reports(kept) == reports(cut))
    }

    @Test func `a reader of removed changes is told where to go on`() async throws {
        let test = try filled()
        try await keeper(test, "150").walk()
        let answers = try await get(
            test, ["/v1/changes?after=0", "/v1/changes?after=7", "/v1/changes?after=8&limit=3", "/v1/charges"])
        #expect(answers.map(\.status) == [410, 410, 200, 200])
        #expect(answers[0].text.contains("\"resume_after\":8"))
        #expect(answers[0].text.contains("\"snapshot\":\"/v1/charges\""))
        #expect(answers[2].text.contains("\"seq\":9,") && answers[2].text.contains("\"last_seq\":24"))
        #expect(answers[3].text.contains("\"removed\":{\"changes\":8,\"before\":"))
    }

    @Test func `what cannot be shown any more says so`() async throws {
        let test = try filled()
        try await keeper(test, "150").walk()
        let answers = try await get(
            test,
            [
                "/v1/calls/anthropic:req:req_1", "/v1/calls/anthropic:req:req_9", "/v1/calls/anthropic:req:req_999",
                "/v1/sessions/long", "/api/threads/long/token-usage", "/v1/sessions/s0-1",
            ])
        #expect(answers.map(\.status) == [410, 200, 404, 200, 200, 200])
        #expect(answers[3].text.contains("\"charges\":6,\"removed\":2,"))
        #expect(answers[4].text.contains("\"llm_call_count\":6,"))
        #expect(answers[5].text.contains("\"charges\":1,\"removed\":1,\"changes\":[]"))
    }

    @Test func `the newest change stays however old, so that numbers go on`() async throws {
        let test = try filled()
        try await keeper(test, "1").walk()
        #expect(try await test.ledger.lastSequence() == 24)
        try test.reopen()
        #expect(test.writer.lastSequence == 24)
        try test.commit([[Charges.charge(25)]])
        #expect(try await test.changes().map(\.sequence) == [24, 25])
    }

    @Test func `another policy begins at the beginning, the same one goes on where it was`() async throws {
        let test = try filled()
        try await keeper(test, "acme=150").walk()
        #expect(try await test.ledger.removedChanges()["acme"]?.count == 4)
        try await keeper(test, "acme=150").walk()
        #expect(try await test.ledger.removedChanges()["globex"] == nil)
        try await keeper(test, "150").walk()
        let removed = try await test.ledger.removedChanges()
        #expect(removed["acme"]?.count == 4 && removed["globex"]?.count == 4)
        try await keeper(test, "0").walk()
        #expect(try await test.ledger.removedChanges() == removed)
    }

    @Test func `a tenant is not told of what another's retention removed`() async throws {
        let test = try filled()
        try await keeper(test, "acme=150").walk()
        let everyone = TenantLedger(base: test.ledger, view: TenantView(isGuarded: false))
        let nobody = TenantLedger(base: test.ledger, view: TenantView(isGuarded: true))
        #expect(try await everyone.removed()?.through == 8)
        #expect(try await nobody.removed() == nil)
        // What remains keeps its numbers; nothing stands in the place of what is gone.
        let page = try await everyone.changes(after: 0, limit: 9)
        #expect(page.changes.map(\.isEmpty) == [false, true, false, true, false, true, false, true, false])
    }
}
