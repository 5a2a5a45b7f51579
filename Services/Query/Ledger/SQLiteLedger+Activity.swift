import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    /// Reads what the blocks asked for are made of.
    ///
    /// Where a block begins depends on the one before, back to the last silence longer than a block. Reading goes back
    /// in growing steps until it meets such a silence, so that the block of the present costs the same on years of history.
    func blocks(_ request: BlockRequest, at now: Timestamp) async throws -> (blocks: [ActivityBlock], last: Int64) {
        try await pool.read { [self] database in
            let last = try Self.lastSequence(database)
            var activity = ActivityBlocks(length: request.length)
            // The smallest number has no opposite; nothing ever happened then.
            let until = max(request.until?.nanoseconds ?? .max, -.max)
            let end = until == .max ? Int64.max : -((-until).flooredQuotient(ReadPlan.quarter * 1_000_000_000))
            // Blocks that begin before the range are left out at the end; what matters is where the first one begins.
            let wanted = request.isActiveOnly ? now : request.since
            guard let wanted else {
                activity.prepend(try quarters(.min, end, request.filter, database))
                return (activity.blocks(), last)
            }
            let target = wanted.seconds.flooredQuotient(ReadPlan.quarter)
            var step = max(2 * 96, 2 * request.length)
            var first = target - step
            activity.prepend(try quarters(first, end, request.filter, database))
            while !activity.isEmpty {
                if let start = activity.certainStart(readFrom: first, wanted: target) {
                    return (activity.blocks(from: start), last)
                }
                guard try hasActivity(before: first, database) else { break }
                activity.prepend(try quarters(first - step, first, request.filter, database))
                first -= step
                step *= 2
            }
            return (activity.blocks(), last)
        }
    }

    private func hasActivity(before quarter: Int64, _ database: Database) throws -> Bool {
        let select = try database.cachedStatement(sql: "SELECT 1 FROM usage_activity WHERE quarter < ? LIMIT 1")
        return try Row.fetchOne(select, arguments: [quarter]) != nil
    }

    private func quarters(
        _ first: Int64, _ end: Int64, _ filter: UsageFilter, _ database: Database
    ) throws -> [ActivityQuarter] {
        var condition = SQLFilter(filter)
        condition.add("quarter", from: first, below: end)
        let sql = """
            SELECT quarter, dimension_set, first_time, last_time, \(UsageTable.sumColumns)
            FROM usage_quarter JOIN usage_activity USING (quarter, dimension_set)\(condition.clause)
            """
        var quarters: [ActivityQuarter] = []
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: condition.arguments)
        while let row = try rows.next() {
            quarters.append(
                ActivityQuarter(
                    quarter: row[0], first: Timestamp(nanoseconds: row[2]), last: Timestamp(nanoseconds: row[3]),
                    dimensions: try dimensions.values(row[1], database), usage: Usage(row: row, from: 4)))
        }
        return quarters
    }
}
