import GRDB
import Metering
import Reporting

/// The sessions the writer has met, with what decides about their costs.
struct ScopeRegistry {
    private struct Identity: Hashable {
        let session: String
        let harness: String
        let tenant: String
    }

    private struct Touched {
        var first: Timestamp
        var last: Timestamp
        var rule: ScopeCostRule
        var costAggregates: Int64

        mutating func extend(to time: Timestamp) {
            first = min(first, time)
            last = max(last, time)
        }
    }

    /// What is kept in memory of sessions not touched now.
    private static let maximumRemembered = 200_000

    private var ids: [Identity: Int64] = [:]
    private var aggregates: [Int64: Int64] = [:]
    private var touched: [Int64: Touched] = [:]

    /// Starts a batch.
    mutating func beginCommit() {
        touched.removeAll(keepingCapacity: true)
        guard ids.count > Self.maximumRemembered else { return }
        ids.removeAll()
        aggregates.removeAll()
    }

    /// Finds or makes the row of a session and notes that something happened in it.
    mutating func find(
        _ scope: Scope, at time: Timestamp, _ statements: WriterStatements, _ database: Database
    ) throws -> (id: Int64, rule: ScopeCostRule) {
        let identity = Identity(session: scope.session, harness: scope.harness.rawValue, tenant: scope.tenant)
        let id = try ids[identity] ?? load(identity, scope, time, database)
        touch(id)
        touched[id]?.extend(to: time)
        return (id, rule(of: id))
    }

    /// Makes sure that a session known by its row alone is remembered.
    mutating func ensure(_ id: Int64, _ database: Database) throws {
        guard aggregates[id] == nil else { return }
        let select = try database.cachedStatement(sql: "SELECT cost_aggregates FROM scope WHERE id = ?")
        aggregates[id] = try Int64.fetchOne(select, arguments: [id]) ?? 0
    }

    /// The rule that held when the batch began.
    func rule(of id: Int64) -> ScopeCostRule {
        touched[id]?.rule ?? ScopeCostRule(costAggregates: aggregates[id] ?? 0)
    }

    /// Counts standing aggregates that carry their session's cost.
    mutating func add(costAggregates count: Int64, to id: Int64) {
        guard count != 0 else { return }
        touch(id)
        touched[id]?.costAggregates += count
    }

    /// The sessions whose rule is another than at the beginning of the batch.
    var changedRules: [(scope: Int64, old: ScopeCostRule, new: ScopeCostRule)] {
        touched.compactMap { id, state in
            let new = ScopeCostRule(costAggregates: state.costAggregates)
            return new == state.rule ? nil : (id, state.rule, new)
        }
    }

    /// Writes what the batch changed.
    mutating func flush(_ statements: WriterStatements) throws {
        for (id, state) in touched {
            aggregates[id] = state.costAggregates
            statements.updateScope.bind(1, id)
            statements.updateScope.bind(2, state.first.nanoseconds)
            statements.updateScope.bind(3, state.last.nanoseconds)
            statements.updateScope.bind(4, state.costAggregates)
            try statements.updateScope.run()
        }
    }

    private mutating func touch(_ id: Int64) {
        guard touched[id] == nil else { return }
        let count = aggregates[id] ?? 0
        touched[id] = Touched(
            first: Timestamp(nanoseconds: .max), last: Timestamp(nanoseconds: .min),
            rule: ScopeCostRule(costAggregates: count), costAggregates: count)
    }

    private mutating func load(
        _ identity: Identity, _ scope: Scope, _ time: Timestamp, _ database: Database
    ) throws -> Int64 {
        let key: StatementArguments = [identity.session, identity.harness, identity.tenant]
        let known = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT id, cost_aggregates FROM scope WHERE session = ? AND harness = ? AND tenant = ?"),
            arguments: key)
        if let known {
            ids[identity] = known[0]
            aggregates[known[0]] = known[1]
            return known[0]
        }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO scope (session, harness, tenant, is_known, first_time, last_time, cost_aggregates) "
                + "VALUES (?, ?, ?, ?, ?, ?, 0)")
        let rest: StatementArguments = [scope.isSessionKnown ? 1 : 0, time.nanoseconds, time.nanoseconds]
        try insert.execute(arguments: key + rest)
        let id = database.lastInsertedRowID
        ids[identity] = id
        aggregates[id] = 0
        return id
    }
}
