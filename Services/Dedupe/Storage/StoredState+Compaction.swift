import Metering
import Reconciliation

extension StoredState {
    /// Marks the first call of a day, once.
    func begin(day: Int64) throws {
        guard day != today else { return }
        today = day
        try statements.calls.markDay.run(day, nextCall)
    }

    /// Leaves out of calls that rest what nothing needs any more; to be called before ``flush()`` of the same commit.
    ///
    /// A call rests when it was numbered, and its scope was written last, before a day.
    ///
    /// - Parameters:
    ///   - day: days since 1970; what happened later stays as it is.
    ///   - number: the call to go on after.
    ///   - limit: the most calls to look at.
    /// - Returns: the last call that was looked at; `nil` at the end.
    func compactCalls(restingSince day: Int64, after number: CallNumber, limit: Int) throws -> CallNumber? {
        guard let end = try statements.calls.findMark.first(day, read: { $0.integer(0) }) else { return nil }
        var resting: [CallNumber] = []
        try statements.calls.resting.rows(number, end, Int64(limit)) { resting.append($0.integer(0)) }
        for call in resting {
            let record = try self.record(of: call)
            guard let scope = try storedScope(record.scope),
                try statements.scopes.touched.first(scope.id, read: { $0.integer(0) }) ?? today <= day
            else { continue }
            guard let compacted = record.compacted else {
                try statements.calls.compact.run(record.json, call)
                continue
            }
            try statements.calls.compact.run(compacted.json, call)
            calls[call] = .record(compacted)
        }
        return resting.count < limit ? nil : resting.last
    }
}
