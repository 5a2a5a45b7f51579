public import Metering

extension Reconciler {
    /// The reconciliation record of a scope as it is now; its revision is that of the last one that was reported.
    public mutating func reconciliation(of scope: Scope) throws(State.Failure) -> ReconciliationRecord {
        let scopeRecord = try state.record(of: scope)
        let aggregates = try sums(of: scopeRecord)
        let calls = scopeRecord.books.entries.map { entry in
            ReconciliationRecord.Entry(
                channel: entry.channel, field: entry.field.rawValue, counted: entry.counted,
                duplicate: entry.duplicate, superseded: entry.superseded, conflicting: entry.conflicting)
        }
        let coverage = Field.allCases.compactMap { field -> ReconciliationRecord.Coverage? in
            guard let sum = aggregates.total(field) else { return nil }
            return ReconciliationRecord.Coverage(
                field: field.rawValue, aggregates: sum, calls: scopeRecord.books.counted(field))
        }
        return ReconciliationRecord(
            scope: scope, revision: scopeRecord.reported.revision, policy: policy.rawValue,
            owned: Field.allCases.filter(scopeRecord.owned.contains).map(\.rawValue),
            entries: calls + aggregates.entries, coverage: coverage)
    }

    /// What the aggregates of a scope say, counted or not.
    mutating func sums(of scope: ScopeRecord) throws(State.Failure) -> AggregateSums {
        var sums = AggregateSums()
        for bucket in try state.buckets(of: scope.scope, .all) where !bucket.isEstimate {
            guard let record = try state.record(of: bucket) else { continue }
            sums.add(record, try claims(on: bucket, of: scope))
        }
        return sums
    }

    /// The reconciliation record of a scope for consumers, with the next revision, and the estimate that follows from it.
    ///
    /// - Returns: `nil` where it says what they know.
    public mutating func report(_ scope: Scope) throws(State.Failure) -> CallTransaction? {
        var scopeRecord = try state.record(of: scope)
        guard scopeRecord.isUnreported else { return nil }
        let calls = try fill(scopeRecord).map { [$0] } ?? []
        var record = try reconciliation(of: scope)
        scopeRecord.isUnreported = false
        record.revision = 1
        let content = Self.contentFingerprint(CallTransaction(calls: [], reconciliations: [record]).json)
        let isNews = content != scopeRecord.reported.content
        if isNews {
            scopeRecord.reported = ScopeRecord.Reported(
                revision: scopeRecord.reported.revision + 1, content: content)
        }
        try state.keep(scopeRecord)
        record.revision = scopeRecord.reported.revision
        return isNews || !calls.isEmpty ? CallTransaction(calls: calls, reconciliations: isNews ? [record] : []) : nil
    }
}
