import Ledger
import Metering
import Reporting
import Testing

@testable import QueryService

@Suite struct `The auto cost of a session` {
    private let calls = [
        Charges.charge(1, computed: 100), Charges.charge(2, at: 1_795_262_400, computed: 200),
        Charges.charge(3, session: "other", computed: 1000),
    ]
    private let aggregate = Charges.charge(9, output: nil, reported: 290, quality: .aggregate)

    private func auto(_ test: TestLedger, _ query: String = "") async throws -> Int128 {
        try await test.totals(query).autoCost.picodollars
    }

    private func expect(_ expected: Int128, _ test: TestLedger) async throws {
        for query in ["", "group_by=session", "group_by=day,model", "group_by=day&timezone=Asia/Kolkata"] {
            #expect(try await auto(test, query) == expected, "\(query)")
        }
    }

    @Test func `is the aggregate's from its arrival on, and the calls' again when it goes`() async throws {
        let test = try TestLedger()
        try test.commit(calls.map { [$0] })
        try await expect(1300, test)
        try test.commit([[aggregate]])
        try await expect(1290, test)
        try test.commit([[Charges.retraction(9, revision: 2)]])
        try await expect(1300, test)
    }

    @Test func `is the aggregate's for calls that come after it`() async throws {
        let test = try TestLedger()
        try test.commit([[aggregate]])
        try await expect(290, test)
        try test.reopen()
        try test.commit(calls.map { [$0] })
        try await expect(1290, test)
    }

    @Test func `turns within one transaction, calls and aggregate together`() async throws {
        let test = try TestLedger()
        try test.commit([calls + [aggregate]])
        try await expect(1290, test)
        var displaced = calls
        for index in displaced.indices { displaced[index].call.revision = 2 }
        displaced[0].call.reportedCost = Amount(picodollars: 150)
        try test.commit([displaced + [Charges.retraction(9, revision: 2)]])
        try await expect(150 + 200 + 1000, test)
    }

    @Test func `takes reported costs of calls beside the aggregate's`() async throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1, reported: 40, computed: 100), Charges.charge(2, computed: 200), aggregate]])
        try await expect(330, test)
        #expect(try await test.totals().computedCost.picodollars == 300)
        #expect(try await test.totals().reportedCost.picodollars == 330)
    }

    @Test func `follows an aggregate that moves to another session`() async throws {
        let test = try TestLedger()
        try test.commit([calls + [aggregate]])
        try test.reopen()
        try test.commit([
            [Charges.charge(9, revision: 2, session: "other", output: nil, reported: 290, quality: .aggregate)]
        ])
        try await expect(300 + 290, test)
    }

    @Test func `leaves counters that never fall`() async throws {
        let test = try TestLedger()
        var before: [DimensionValues: Movement] = [:]
        for charges in [calls, [aggregate], [Charges.retraction(9, revision: 2)], [Charges.retraction(1, revision: 2)]]
        {
            try test.commit([charges])
            var net = Usage()
            for movement in try await test.ledger.movements() {
                let old = before[movement.dimensions] ?? Movement(dimensions: movement.dimensions)
                #expect(movement.added.computedCost >= old.added.computedCost)
                #expect(movement.removed.computedCost >= old.removed.computedCost)
                #expect(movement.added.tokens.output >= old.added.tokens.output)
                #expect(movement.removed.charges >= old.removed.charges)
                before[movement.dimensions] = movement
                net += movement.added
                net -= movement.removed
            }
            #expect(try await test.totals() == net)
        }
        let text = UsageExposition(try await test.ledger.movements()).text
        #expect(text.contains("# TYPE tollbook_cost_usd_total counter"))
        #expect(
            text.contains(
                #"tollbook_retracted_calls_total{harness="claude-code",model="claude-opus-4-6",project="",provider=""} 1"#
            ))
    }
}
