import Foundation
import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    func changes(
        of request: ChargeListRequest
    ) async throws -> (changes: [(number: Int64, body: [UInt8])], last: Int64) {
        try await pool.read { database in
            var condition = SQLFilter(request.filter)
            condition.add("number > ?", [request.after])
            condition.add(
                "event_time", from: request.since?.nanoseconds ?? .min, below: request.until?.nanoseconds ?? .max)
            if !request.filter.sessions.isEmpty {
                let sessions = request.filter.sessions.sorted()
                let marks = Array(repeating: "?", count: sessions.count).joined(separator: ",")
                condition.add(
                    "scope IN (SELECT id FROM scope WHERE session IN (\(marks)))", StatementArguments(sessions))
            }
            let sql = """
                SELECT number, body FROM charge JOIN change ON change.sequence = charge.sequence\(condition.clause)
                ORDER BY number LIMIT \(request.limit)
                """
            let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: condition.arguments)
            var changes: [(number: Int64, body: [UInt8])] = []
            while let row = try rows.next() { changes.append((row[0], Array(row[1] as Data))) }
            return (changes, try Self.lastSequence(database))
        }
    }
}
