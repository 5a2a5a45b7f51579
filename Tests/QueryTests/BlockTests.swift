import Foundation
import GRDB
import Ledger
import Metering
import Reporting
import Testing

@testable import QueryService

@Suite struct `Blocks of the ledger` {
    private static let start: Int64 = 1_774_656_000  // 2026-03-28T00:00:00Z
    private static let now = Timestamp(seconds: start + 30 * 86_400)

    private func request(_ query: String) throws -> BlockRequest {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
            return (name: parts[0], value: parts[1])
        }
        return try BlockRequest(RequestParameters(pairs), zone: TimeZones.offsets)
    }

    private func blocks(_ test: TestLedger, _ query: String = "", at now: Timestamp = Self.now) async throws
        -> [ActivityBlock]
    {
        let wanted = try request(query)
        return BlockReport(wanted, blocks: try await test.ledger.blocks(wanted, at: now).blocks, now: now).blocks
    }

    /// Busy days without a silence, then some with, as `gaps` says in minutes.
    private func filled(seed: Int64) throws -> (TestLedger, [Charge]) {
        let test = try TestLedger()
        var time = Self.start
        var charges: [Charge] = []
        for number in 1...400 as ClosedRange<Int64> {
            let step = (number * 7_919 + seed * 104_729) % 97
            time += step == 0 ? 9 * 3600 : step * 60
            charges.append(
                Charges.charge(
                    number, session: "s\(number / 50)", harness: number % 5 == 0 ? "codex" : "claude-code",
                    model: ["a", "b", nil][Int(number % 3)], at: time, output: number, computed: number))
        }
        try test.commit(charges.map { [$0] })
        return (test, charges)
    }

    /// Blocks by the rule, from the single calls.
    private func expected(_ charges: [Charge]) -> [(start: Int64, first: Int64, last: Int64, output: Int64)] {
        var blocks: [(start: Int64, first: Int64, last: Int64, output: Int64)] = []
        for call in charges.map(\.call).sorted(by: { $0.eventTime < $1.eventTime }) {
            let (time, output) = (call.eventTime.seconds, call.tokens.output ?? 0)
            if let last = blocks.last, time < last.start + 5 * 3600 {
                blocks[blocks.count - 1].last = time
                blocks[blocks.count - 1].output += output
            } else {
                blocks.append((time / 3600 * 3600, time, time, output))
            }
        }
        return blocks
    }

    private func isEqual(
        _ blocks: [ActivityBlock], _ expected: [(start: Int64, first: Int64, last: Int64, output: Int64)]
    ) -> Bool {
        blocks.map { [$0.start.seconds, $0.first.seconds, $0.last.seconds, $0.usage.tokens.output] }
            == expected.map { [$0.start, $0.first, $0.last, $0.output] }
    }

    @Test(arguments: 1...4 as ClosedRange<Int64>)
    func `are those of the single calls, whatever part is asked for`(seed: Int64) async throws {
        let (test, charges) = try filled(seed: seed)
        let all = expected(charges)
        #expect(isEqual(try await blocks(test), all))
        #expect(
            isEqual(
                try await blocks(test, "harness=codex"),
                expected(charges.filter { $0.call.scope.harness.rawValue == "codex" })))
        // Each block is found the same from its own start on, though what comes before decides where it begins.
        for (index, block) in all.enumerated() {
            let since = Timestamp(seconds: block.start)
            #expect(isEqual(try await blocks(test, "since=\(since)"), Array(all[index...])), "since \(since)")
            let moment = Timestamp(seconds: block.last + 60)
            let active = try await blocks(test, "active=true&until=\(moment)", at: moment)
            if moment.seconds < block.start + 5 * 3600 {
                #expect(active.last.map { $0.start.seconds } == block.start)
            } else {
                #expect(active.isEmpty)
            }
        }
    }

    @Test func `do not end with a call that was taken back, and vanish with their last`() async throws {
        let test = try TestLedger()
        try test.commit([
            [Charges.charge(1, at: Self.start + 60)], [Charges.charge(2, at: Self.start + 3600)],
            [Charges.charge(3, at: Self.start + 9 * 3600)],
        ])
        #expect(try await blocks(test).count == 2)
        try test.commit([[Charges.retraction(2, revision: 2)], [Charges.retraction(3, revision: 2)]])
        let left = try await blocks(test)
        #expect(left.count == 1)
        #expect(left.first?.last.seconds == Self.start + 60)
    }

    @Test func `know the activity of ledgers that were written before it was kept`() async throws {
        let (test, charges) = try filled(seed: 9)
        try test.commit([[Charges.charge(401, at: -1)], [Charges.charge(402, at: -900)], [Charges.charge(403, at: 0)]])
        func activity() async throws -> [[Int64]] {
            try await test.ledger.pool.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM usage_activity ORDER BY 1, 2")
                    .map { [$0[0], $0[1], $0[2], $0[3]] }
            }
        }
        let kept = try await activity()
        #expect(kept.count > 300)
        try await test.ledger.pool.write { database in
            try database.execute(sql: "DROP TABLE usage_activity")
            try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'activity'")
        }
        try test.reopen()
        #expect(try await activity() == kept)
        #expect(expected(charges).count > 10)
    }
}
