public import Metering

extension Reconciler {
    /// The reconciliation record of a scope as it is now; its revision is that of the last one that was reported.
    public mutating func reconciliation(of scope: Scope) throws(State.Failure) -> ReconciliationRecord {
        let scopeRecord = try state.record(of: scope)
        var aggregates = AggregateSums()
        for bucket in try state.buckets(of: scope, .all) {
            guard let record = try state.record(of: bucket) else { continue }
            aggregates.add(record, try claims(on: bucket, of: scopeRecord))
        }
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
            scope: scope, revision: scopeRecord.reported.revision, policy: "authority",
            owned: Field.allCases.filter(scopeRecord.owned.contains).map(\.rawValue),
            entries: calls + aggregates.entries, coverage: coverage)
    }

    /// The reconciliation record of a scope for consumers, with the next revision.
    ///
    /// - Returns: `nil` where it says what they know.
    public mutating func report(_ scope: Scope) throws(State.Failure) -> ReconciliationRecord? {
        var record = try reconciliation(of: scope)
        var scopeRecord = try state.record(of: scope)
        guard scopeRecord.isUnreported else { return nil }
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
        return isNews ? record : nil
    }
}

/// Sums over the aggregates of a scope.
private struct AggregateSums {
    private struct Sums {
        var counted: Int128 = 0
        var superseded: Int128 = 0
    }

    private var sums: [Channel: [Field: Sums]] = [:]
    private var totals: [Field: Int128] = [:]

    mutating func add(_ record: AggregateRecord, _ claims: AggregateClaims) {
        for family in record.families {
            let (tokens, cost) = record.seen(of: family)
            for field in Field.allCases {
                guard let value = field.value(tokens, cost) else { continue }
                let isCounted = claims.refusal(of: field, of: family) == nil
                var sums = sums[family.channel]?[field] ?? Sums()
                if isCounted { sums.counted += Int128(value) } else { sums.superseded += Int128(value) }
                self.sums[family.channel, default: [:]][field] = sums
                // Families describe the same calls: the best one's sum is what the calls are compared with.
                if claims.families.admits(field, of: family) { totals[field, default: 0] += Int128(value) }
            }
        }
    }

    func total(_ field: Field) -> Int128? { totals[field] }

    var entries: [ReconciliationRecord.Entry] {
        Channel.allCases.flatMap { channel in
            Field.allCases.compactMap { field -> ReconciliationRecord.Entry? in
                guard let sum = sums[channel]?[field], sum.counted + sum.superseded != 0 else { return nil }
                return ReconciliationRecord.Entry(
                    channel: channel, field: field.rawValue, counted: sum.counted, duplicate: 0,
                    superseded: sum.superseded,
                    conflicting: 0)
            }
        }
    }
}

extension Field {
    fileprivate func value(_ tokens: TokenCounts, _ cost: Amount?) -> Int64? {
        switch self {
        case .uncachedInput: tokens.uncachedInput
        case .cacheRead: tokens.cacheRead
        case .cacheWrite: tokens.allCacheWrites
        case .output: tokens.output
        case .reasoning: tokens.reasoning
        case .cost: cost?.picodollars
        }
    }
}
