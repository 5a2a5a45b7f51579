import GRDB
import Metering
import Reporting

/// The changes of a tenant that are no longer there.
struct RemovedChanges: Hashable, Sendable {
    /// The number of the last one.
    var through: Int64
    /// How many there were.
    var count: Int64
    /// They were recorded before this.
    var before: Timestamp

    /// Those of two tenants together.
    func joined(_ other: RemovedChanges) -> RemovedChanges {
        RemovedChanges(
            through: max(through, other.through), count: count + other.count, before: max(before, other.before))
    }
}

extension SQLiteLedger {
    /// The most changes looked at in one transaction.
    static let retentionBatch = 512

    /// Goes a few changes further with a pass, in one short transaction: the texts of changes go, the numbers stay.
    ///
    /// Rows of charges and all sums stay as they are, so that totals and late revisions are as exact as before. The newest
    /// change always stays, because it says how far the ledger's numbers go.
    ///
    /// - Returns: how many were removed; `nil` at the end of the pass.
    func removeOldChanges(_ pass: RetentionPass) async throws -> Int? {
        try await pool.write { database in
            let identity = pass.policy.identity
            let start =
                try Int64.fetchOne(
                    database, sql: "SELECT through FROM retention_pass WHERE days = ? AND policy = ?",
                    arguments: [pass.days, identity]) ?? 0
            let found = try Self.oldChanges(pass, after: start, database)
            for (tenant, removed) in found.byTenant { try Self.remove(removed, of: tenant, pass, database) }
            guard found.last > start else { return nil }
            try database.execute(
                sql: "REPLACE INTO retention_pass VALUES (?, ?, ?)", arguments: [pass.days, identity, found.last])
            return found.byTenant.values.reduce(0) { $0 + $1.count }
        }
    }

    /// What was removed, by tenant.
    func removedChanges() async throws -> [String: RemovedChanges] {
        try await pool.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT tenant, through, changes, before FROM removed_changes")
            return Dictionary(
                uniqueKeysWithValues: rows.map {
                    ($0[0], RemovedChanges(through: $0[1], count: $0[2], before: Timestamp(nanoseconds: $0[3])))
                })
        }
    }

    /// The changes to remove of the next batch, by tenant, and the last one that was decided about.
    private static func oldChanges(
        _ pass: RetentionPass, after start: Int64, _ database: Database
    ) throws -> (byTenant: [String: [Int64]], last: Int64) {
        var byTenant: [String: [Int64]] = [:]
        var last = start
        let select = try database.cachedStatement(
            sql: "SELECT sequence, body FROM change WHERE sequence > ? "
                + "AND sequence < (SELECT max(sequence) FROM change) ORDER BY sequence LIMIT ?")
        let rows = try Row.fetchCursor(select, arguments: [start, retentionBatch])
        walk: while let row = try rows.next() {
            let owner = ChangeOwner(change: (row[1] as DatabaseBlob).bytes)
            switch pass.verdict(tenant: owner?.tenant, recorded: owner?.recorded) {
            case .stop: break walk
            case .keep: break
            case .remove: if let owner { byTenant[owner.tenant, default: []].append(row[0]) }
            }
            last = row[0]
        }
        return (byTenant, last)
    }

    private static func remove(
        _ changes: [Int64], of tenant: String, _ pass: RetentionPass, _ database: Database
    ) throws {
        let delete = try database.cachedStatement(sql: "DELETE FROM change WHERE sequence = ?")
        for change in changes { try delete.execute(arguments: [change]) }
        try database.execute(
            sql: """
                INSERT INTO removed_changes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                    through = max(through, excluded.through), changes = changes + excluded.changes,
                    before = max(before, excluded.before)
                """,
            arguments: [tenant, changes.last, changes.count, pass.before.nanoseconds])
    }
}
