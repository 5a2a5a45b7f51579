import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    func sessions(_ request: SessionListRequest) async throws -> (sessions: [SessionSummary], last: Int64) {
        try await pool.read { [self] database in
            var condition = SQLFilter.withoutCanaries
            if let since = request.since { condition.add("last_time >= ?", [since.nanoseconds]) }
            if let until = request.until { condition.add("first_time < ?", [until.nanoseconds]) }
            if let after = request.after {
                condition.add("(last_time, id) < (?, ?)", [after.last, after.id])
            }
            let filter = SQLFilter(request.filter)
            if let dimensions = filter.conditions.first {
                condition.add(
                    "EXISTS (SELECT 1 FROM usage_session WHERE scope = scope.id AND \(dimensions))", filter.arguments)
            }
            let sessions = try summaries(
                condition, "ORDER BY last_time DESC, id DESC LIMIT \(request.limit)", database)
            return (sessions, try Self.lastSequence(database))
        }
    }

    func sessions(named name: String) async throws -> (sessions: [SessionSummary], last: Int64) {
        try await pool.read { [self] database in
            var condition = SQLFilter()
            condition.add("session = ?", [name])
            return (
                try summaries(condition, "ORDER BY last_time DESC, id DESC", database), try Self.lastSequence(database)
            )
        }
    }

    private func summaries(_ condition: SQLFilter, _ order: String, _ database: Database) throws -> [SessionSummary] {
        let sql =
            "SELECT id, session, harness, tenant, is_known, first_time, last_time, cost_aggregates FROM scope"
            + "\(condition.clause) \(order)"
        let select = try database.cachedStatement(
            sql: "SELECT dimension_set, \(UsageTable.sums) FROM usage_session WHERE scope = ? GROUP BY 1")
        return try Row.fetchAll(database, sql: sql, arguments: condition.arguments).map { row in
            let cells = try Row.fetchAll(select, arguments: [row[0] as Int64]).map { cell in
                (dimensions: try dimensions.values(cell[0], database), usage: Usage(row: cell, from: 1))
            }
            let scope = Scope(
                tenant: row[3], harness: Harness(rawValue: row[2]), session: row[1], isSessionKnown: row[4])
            return SessionSummary(
                id: row[0], scope: scope, first: Timestamp(nanoseconds: row[5]), last: Timestamp(nanoseconds: row[6]),
                rule: ScopeCostRule(costAggregates: row[7]), cells: cells)
        }
    }
}
