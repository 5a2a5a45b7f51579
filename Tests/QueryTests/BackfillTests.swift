import GRDB
import Ledger
import Metering
import Reporting
import Testing

@testable import QueryService

@Suite struct `A ledger from before` {
    private func charge(_ number: Int64, session: String, reported: Int64? = nil) -> Charge {
        var charge = Charges.charge(number, session: session, reported: reported, computed: 100 * number)
        charge.call.evidence = Evidence(
            items: [
                Evidence.Item(
                    observation: ContentID(high: 2, low: UInt64(number)), channel: .log,
                    eventTime: charge.call.eventTime, tokens: charge.call.tokens, cost: nil, verdict: .counted,
                    rule: "channel-authority"),
                Evidence.Item(
                    observation: ContentID(high: 3, low: UInt64(number)), channel: .metric,
                    eventTime: charge.call.eventTime, tokens: charge.call.tokens, cost: nil, verdict: .duplicate,
                    rule: "channel-authority"),
            ], omitted: [.superseded: 4])
        return charge
    }

    @Test func `is read again once, and then knows classes of cost, evidence and channels`() async throws {
        let test = try TestLedger()
        try test.commit(
            (1...40 as ClosedRange<Int64>).map { [charge($0, session: "s\($0 % 5)", reported: $0 % 3 == 0 ? 7 : nil)] })
        try test.commit([[Charges.retraction(7, revision: 2, session: "s2")]])
        let expected = try await test.totals()
        #expect(expected.evidence.duplicate == 39 && expected.evidence.superseded == 156)
        #expect(expected.costParts.output == expected.computedCost.picodollars)
        try await forget(test)
        #expect(try await test.totals().evidence == EvidenceCounts())
        try test.reopen()
        for query in ["", "group_by=session", "group_by=day,channel&timezone=Asia/Kolkata", "channel=log"] {
            #expect(try await test.totals(query) == expected, "\(query)")
        }
        try test.reopen()
        #expect(try await test.totals() == expected)
    }

    /// Makes the ledger as a release left it that did not look for what is now kept.
    private func forget(_ test: TestLedger) async throws {
        let sums = ["usage_quarter", "usage_day", "usage_session"]
        let parts = ["uncached_input_cost", "cache_read_cost", "cache_write_cost", "output_cost"]
        let reports = ["counted_reports", "duplicate_reports", "superseded_reports", "conflicting_reports"]
        try await test.ledger.pool.write { database in
            for table in sums {
                let amounts = parts.flatMap { ["\($0)_dollars = 0", "\($0)_picodollars = 0"] }
                let all = (amounts + reports.map { "\($0) = 0" }).joined(separator: ", ")
                try database.execute(sql: "UPDATE \(table) SET \(all)")
            }
            let columns = (parts + reports).map { "\($0) = NULL" }.joined(separator: ", ")
            try database.execute(sql: "UPDATE charge SET \(columns)")
            try database.execute(sql: "UPDATE dimension_set SET channel = NULL, identity = randomblob(16)")
            try database.execute(sql: "INSERT INTO pending_backfill VALUES (1)")
        }
        try test.reopenReaders()
    }
}
