import Foundation
import GRDB
import Ledger
import Metering
import Reporting

extension SQLiteLedger: LedgerReading {
    static func lastSequence(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM change") ?? 0
    }

    func lastSequence() async throws -> Int64 {
        try await pool.read { try Self.lastSequence($0) }
    }

    func changes(after sequence: Int64, limit: Int) async throws -> (changes: [[UInt8]], last: Int64) {
        try await pool.read { database in
            let last = try Self.lastSequence(database)
            let end = min(last, sequence.addingReportingOverflow(Int64(limit)).partialValue)
            guard sequence < end else { return ([], last) }
            let select = try database.cachedStatement(
                sql: "SELECT sequence, body FROM change WHERE sequence > ? AND sequence <= ?")
            let rows = try Row.fetchCursor(select, arguments: [sequence, end])
            var changes = [[UInt8]](repeating: [], count: Int(end - sequence))
            while let row = try rows.next() { changes[Int(row[0] as Int64 - sequence) - 1] = row.bytes(1) }
            return (changes, last)
        }
    }

    func changes(numbered sequences: [Int64]) async throws -> [[UInt8]] {
        try await pool.read { database in
            let select = try database.cachedStatement(sql: "SELECT body FROM change WHERE sequence = ?")
            return try sequences.compactMap { try Row.fetchOne(select, arguments: [$0])?.bytes(0) }
        }
    }

    func charges(
        since: Timestamp?, until: Timestamp?, session: String?, _ visit: @escaping @Sendable ([ChargeRecord]) -> Void
    ) async throws -> Int64 {
        try await pool.read { [self] database in
            let (first, end) = (since?.nanoseconds ?? .min, until?.nanoseconds ?? .max)
            var condition = SQLFilter()
            condition.add("event_time", from: first, below: end)
            condition.add("last_time", from: first, below: .max)
            condition.add("first_time", from: .min, below: end)
            if let session { condition.add("lower(session) = lower(?)", [session]) }
            var records: [ChargeRecord] = []
            try forEachCharge(condition, database) { record in
                records.append(record)
                guard records.count == 4096 else { return }
                visit(records)
                records.removeAll(keepingCapacity: true)
            }
            visit(records)
            return try Self.lastSequence(database)
        }
    }

    func explanation(
        of key: CallKey, tenant: String?
    ) async throws -> (explanation: Explanation, last: Int64)? {
        try await pool.read { database in
            var isTextRemoved = false
            for number in try KeyIndex.numbers(hash: StoredCharge.hash(of: key), database) {
                guard
                    let row = try Row.fetchOne(
                        database,
                        sql: "SELECT sequence, cost_aggregates, tenant FROM charge JOIN scope ON scope = scope.id "
                            + "WHERE number = ?",
                        arguments: [number])
                else { continue }
                let revisions = try Self.revisions(endingAt: row[0], database)
                guard !revisions.isEmpty else {
                    isTextRemoved = isTextRemoved || tenant == nil || tenant == row[2]
                    continue
                }
                let explanation = try Explanation(
                    revisions: revisions, rule: ScopeCostRule(costAggregates: row[1]))
                // A hash may stand for two keys.
                let call = explanation.charge.call
                guard call.key == key, tenant == nil || call.scope.tenant == tenant else { continue }
                return (explanation, try Self.lastSequence(database))
            }
            if isTextRemoved { throw ChargeTextRemoved() }
            return nil
        }
    }

    /// The most revisions that an explanation shows; the newest ones.
    private static let maximumRevisions = 100

    private static func revisions(endingAt sequence: Int64, _ database: Database) throws -> [[UInt8]] {
        let select = try database.cachedStatement(sql: "SELECT body, previous FROM change WHERE sequence = ?")
        var revisions: [[UInt8]] = []
        var next: Int64? = sequence
        while let current = next, revisions.count < maximumRevisions {
            guard let row = try Row.fetchOne(select, arguments: [current]) else { break }
            revisions.append(row.bytes(0))
            next = row[1]
        }
        return revisions
    }

    func movements() async throws -> [Movement] {
        try await pool.read { [self] database in
            var movements: [Int64: Movement] = [:]
            let sql = "SELECT direction, dimension_set, \(UsageTable.sums) FROM usage_movement GROUP BY 1, 2"
            let rows = try Row.fetchCursor(database.cachedStatement(sql: sql))
            while let row = try rows.next() {
                let set: Int64 = row[1]
                var movement = try movements[set] ?? Movement(dimensions: dimensions.values(set, database))
                if row[0] as Int64 == 0 {
                    movement.added = Usage(row: row, from: 2)
                } else {
                    movement.removed = Usage(row: row, from: 2)
                }
                movements[set] = movement
            }
            return Array(movements.values)
        }
    }
}

extension SQLiteLedger {
    /// Visits charges with their sessions, session by session.
    func forEachCharge(_ condition: SQLFilter, _ database: Database, _ visit: (ChargeRecord) throws -> Void) throws {
        // The cross join keeps SQLite from scanning all charges where few sessions overlap the range.
        let sql = """
            SELECT number, sequence, session, is_known, dimension_set, run, event_time, marks, uncached_input, cache_read,
                cache_write_5m, cache_write_1h, cache_write, output, reasoning, computed_cost, reported_cost,
                cost_aggregates, uncached_input_cost, cache_read_cost, cache_write_cost, output_cost, counted_reports,
                duplicate_reports, superseded_reports, conflicting_reports
            FROM scope CROSS JOIN charge ON charge.scope = scope.id\(condition.clause)
            """
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: condition.arguments)
        while let row = try rows.next() {
            let facts = ChargeFacts(
                tokens: TokenCounts(
                    uncachedInput: row[8], cacheRead: row[9], cacheWrite5m: row[10], cacheWrite1h: row[11],
                    cacheWrite: row[12], output: row[13], reasoning: row[14]),
                computedCost: (row[15] as Int64?).map(Amount.init(picodollars:)),
                reportedCost: (row[16] as Int64?).map(Amount.init(picodollars:)),
                costParts: CostParts(stored: row[18], row[19], row[20], row[21]),
                evidence: EvidenceCounts(stored: row[22], row[23], row[24], row[25]),
                marks: ChargeFacts.Marks(rawValue: row[7]))
            try visit(
                ChargeRecord(
                    number: row[0], sequence: row[1], session: row[2], isSessionKnown: row[3],
                    dimensions: try dimensions.values(row[4], database), run: row[5],
                    eventTime: Timestamp(nanoseconds: row[6]), facts: facts,
                    rule: ScopeCostRule(costAggregates: row[17])))
        }
    }
}

extension Row {
    /// A blob column's bytes.
    fileprivate func bytes(_ index: Int) -> [UInt8] { Array(self[index] as Data) }
}
