import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    func reconciliations(
        _ request: ReconciliationRequest
    ) async throws -> (records: [StoredReconciliation], last: Int64) {
        try await pool.read { database in
            var condition = request.session == nil ? SQLFilter.withoutCanaries : SQLFilter()
            if let session = request.session { condition.add("session = ?", [session]) }
            if let harness = request.harness { condition.add("harness = ?", [harness]) }
            if let tenant = request.tenant { condition.add("tenant = ?", [tenant]) }
            if let after = request.after {
                condition.add("(recorded_time, id) < (?, ?)", [after.recorded, after.id])
            }
            let sql =
                "SELECT id, recorded_time, body FROM reconciliation\(condition.clause) "
                + "ORDER BY recorded_time DESC, id DESC LIMIT \(request.limit)"
            let records = try Row.fetchAll(database, sql: sql, arguments: condition.arguments).map { row in
                StoredReconciliation(
                    id: row[0], recorded: Timestamp(nanoseconds: row[1]), body: (row[2] as DatabaseBlob).bytes)
            }
            return (records, try Self.lastSequence(database))
        }
    }
}
