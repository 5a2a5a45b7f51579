import Foundation
import Hummingbird
import HummingbirdTesting
import Ledger
import Metering
import Operations
import Reporting
import Telemetry
import Testing
import Wire

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `Repricing in the ledger` {
    private static func repriced(_ charge: Charge, _ repricing: Int64, cost: Int64) -> Charge {
        var charge = charge
        charge.call.reason = .reprice
        charge.rating.repricing = repricing
        charge.rating.cost = Amount(picodollars: cost)
        charge.rating.costByClass = [.output: Amount(picodollars: cost)]
        return charge
    }

    /// Two revisions of a call, each priced anew.
    private static let charges: [Charge] = {
        let first = Charges.charge(1, output: 10, computed: 100)
        let second = Charges.charge(1, revision: 2, output: 20, computed: 200)
        return [
            first, repriced(first, 1, cost: 110), second, repriced(second, 1, cost: 210),
            repriced(second, 2, cost: 220),
        ]
    }()

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `ends alike whatever arrives first, and however often`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let test = try TestLedger()
        for charge in (Self.charges + Self.charges).shuffled(using: &random) {
            try test.commit([[charge]])
            if Int.random(in: 0..<6, using: &random) == 0 { try test.reopen() }
        }
        let totals = try await test.totals()
        #expect(totals.computedCost.picodollars == 220)
        #expect(totals.tokens.output == 20)
        #expect(totals.calls == 1)
        let sum = try await test.changes().reduce(into: Int128(0)) { $0 += Int128($1.delta.computedCost.picodollars) }
        #expect(sum == 220)
    }

    @Test func `loses against a newer revision and is not undone by a repeat of its own`() async throws {
        let test = try TestLedger()
        for index in [0, 1, 0] { try test.commit([[Self.charges[index]]]) }
        #expect(try await test.totals().computedCost.picodollars == 110)
        try test.commit([[Self.charges[2]]])
        #expect(try await test.totals().computedCost.picodollars == 200)
        try test.commit([[Self.charges[1]]])
        #expect(try await test.totals().computedCost.picodollars == 200)
        let changes = try await test.changes()
        #expect(changes.map(\.charge.call.reason) == [.first, .reprice, .update])
        #expect(changes.map(\.charge.version) == [0, 1, 2].map { Self.charges[$0].version })
    }

    @Test func `charges are read whole, page by page, within a range and by model`() async throws {
        let test = try TestLedger()
        try test.commit([
            [Charges.charge(1, at: 1_000_000, computed: 1)], [Charges.charge(2, model: "gpt-5", at: 2_000_000)],
            [Charges.charge(3, session: "s2", at: 3_000_000, computed: 3)],
        ])
        try test.commit([[Charges.charge(1, revision: 2, at: 1_000_000, computed: 5)]])
        try await Self.api(test).test(.router) { client in
            func numbers(_ query: String) async throws -> [String] {
                let body = try await client.execute(uri: "/v1/charges?\(query)", method: .get) {
                    String(buffer: $0.body)
                }
                let page = try JSONDecoder().decode(Page.self, from: Data(body.utf8))
                return page.charges.map { "\($0.number)r\($0.revision)" } + [page.next.map(String.init) ?? "end"]
            }
            #expect(try await numbers("") == ["1r2", "2r1", "3r1", "end"])
            #expect(try await numbers("limit=2") == ["1r2", "2r1", "2"])
            #expect(try await numbers("limit=2&after=2") == ["3r1", "end"])
            #expect(try await numbers("model=gpt-5") == ["2r1", "end"])
            #expect(try await numbers("session=s2") == ["3r1", "end"])
            let range = "since=1970-01-24T00:00:00Z&until=1970-01-30T00:00:00Z"
            #expect(try await numbers(range) == ["2r1", "end"])
            try await client.execute(uri: "/v1/charges?modle=x", method: .get) { #expect($0.status == .badRequest) }
            try await client.execute(uri: "/v1/charges", method: .post) { #expect($0.status == .methodNotAllowed) }
        }
    }

    private struct Page: Decodable {
        let charges: [Charge]
        let next: Int64?

        struct Charge: Decodable {
            let number: Int64
            let revision: Int64
        }
    }

    @Test func `drift compares charge by charge, and by session where an aggregate carries the cost`() async throws {
        let test = try TestLedger()
        let day: Int64 = 1_795_176_000
        try test.commit([
            [Charges.charge(1, at: day, reported: 110, computed: 100)],
            [Charges.charge(2, at: day, reported: 90, computed: 100)],
            [Charges.charge(3, at: day, computed: 1_000)],
            [Charges.charge(4, at: day, reported: 70)],
            [Charges.charge(5, session: "metered", model: "gpt-5", at: day, computed: 400)],
            [
                Charges.charge(
                    6, session: "metered", model: "gpt-5", at: day, output: nil, reported: 500, quality: .aggregate)
            ],
        ])
        try await Self.api(test).test(.router) { client in
            let body = try await client.execute(uri: "/v1/drift", method: .get) { String(buffer: $0.body) }
            let report = try JSONDecoder().decode(DriftReport.self, from: Data(body.utf8))
            #expect(
                report.rows.map(\.line) == [
                    "claude-opus-4-6 charge 3 0.0000000002 0.0000000002 0 0.00 1",
                    "gpt-5 session 2 0.0000000005 0.0000000004 0.0000000001 25.00 0",
                ])
            #expect(report.totals.difference_usd == "0.0000000001")
        }
    }

    private struct DriftReport: Decodable {
        let rows: [Row]
        let totals: Row

        struct Row: Decodable {
            let model: String?
            let basis: String?
            let charges: Int64
            let reported_usd: String
            let computed_usd: String
            let difference_usd: String
            let difference_percent: String?
            let unpriced_charges: Int64

            var line: String {
                let names = [model ?? "", basis ?? "", "\(charges)", reported_usd, computed_usd, difference_usd]
                return (names + [difference_percent ?? "-", "\(unpriced_charges)"]).joined(separator: " ")
            }
        }
    }

    private static func api(_ test: TestLedger) -> Application<RouterResponder<BasicRequestContext>> {
        let operations = OperatorRoutes(health: HealthState(conditions: [], loops: []), metrics: MetricsRegistry())
        let api = QueryAPI(
            ledger: test.ledger, head: LedgerHead(), hosts: AllowedHosts(), zone: .utc, operations: operations)
        return Application(router: api.router())
    }
}
