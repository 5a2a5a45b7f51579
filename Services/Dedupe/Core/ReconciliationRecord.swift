public import Metering

/// What became of everything that was said about a scope: per channel and field, and what the aggregates say beyond the
/// calls.
public struct ReconciliationRecord: Hashable, Sendable {
    /// One channel's figures of one field.
    public struct Entry: Hashable, Sendable {
        /// The channel.
        public let channel: Channel
        /// The field.
        public let field: Field
        /// Everything the channel said: the sum of the four that follow.
        public var seen: Int128 { counted + duplicate + superseded + conflicting }
        /// What is counted.
        public let counted: Int128
        /// What another report counts.
        public let duplicate: Int128
        /// What a fuller report replaced, or for aggregates what calls own.
        public let superseded: Int128
        /// What differs from a report that is believed more.
        public let conflicting: Int128
    }

    /// How far aggregates and calls of one field agree.
    public struct Coverage: Hashable, Sendable {
        /// The field.
        public let field: Field
        /// What the aggregates of the scope say.
        public let aggregates: Int128
        /// What the calls of the scope count.
        public let calls: Int128
        /// What the aggregates say beyond the calls; negative where they say less.
        public var residual: Int128 { aggregates - calls }
    }

    /// The scope.
    public let scope: Scope
    /// The fields that single calls report.
    public let owned: FieldSet
    /// Figures by channel and field.
    public let entries: [Entry]
    /// Coverage of each field that aggregates report.
    public let coverage: [Coverage]
}

extension Reconciler {
    /// The reconciliation record of a scope.
    public mutating func reconciliation(of scope: Scope) throws(State.Failure) -> ReconciliationRecord {
        let scopeRecord = try state.record(of: scope)
        var aggregates = AggregateSums()
        for bucket in try state.buckets(of: scope, .all) {
            if let record = try state.record(of: bucket) { aggregates.add(record) }
        }
        let calls = scopeRecord.books.entries.map { entry in
            ReconciliationRecord.Entry(
                channel: entry.channel, field: entry.field, counted: entry.counted, duplicate: entry.duplicate,
                superseded: entry.superseded, conflicting: entry.conflicting)
        }
        let coverage = Field.allCases.compactMap { field -> ReconciliationRecord.Coverage? in
            guard let sum = aggregates.total(field) else { return nil }
            return ReconciliationRecord.Coverage(
                field: field, aggregates: sum, calls: scopeRecord.books.counted(field))
        }
        return ReconciliationRecord(
            scope: scope, owned: scopeRecord.owned, entries: calls + aggregates.entries(owned: scopeRecord.owned),
            coverage: coverage)
    }
}

/// Sums over the aggregates of a scope.
private struct AggregateSums {
    private var sums: [Channel: [Field: Int128]] = [:]

    mutating func add(_ record: AggregateRecord) {
        for channel in Set(record.parts.map(\.series.channel)) {
            let (tokens, cost) = record.only(channel).seen
            for field in Field.allCases {
                guard let value = field.value(tokens, cost) else { continue }
                sums[channel, default: [:]][field, default: 0] += Int128(value)
            }
        }
    }

    func total(_ field: Field) -> Int128? {
        let values = sums.values.compactMap { $0[field] }
        return values.isEmpty ? nil : values.reduce(0, +)
    }

    func entries(owned: FieldSet) -> [ReconciliationRecord.Entry] {
        Channel.allCases.flatMap { channel in
            Field.allCases.compactMap { field -> ReconciliationRecord.Entry? in
                guard let sum = sums[channel]?[field], sum != 0 else { return nil }
                let isOwned = owned.contains(field)
                return ReconciliationRecord.Entry(
                    channel: channel, field: field, counted: isOwned ? 0 : sum, duplicate: 0,
                    superseded: isOwned ? sum : 0, conflicting: 0)
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
