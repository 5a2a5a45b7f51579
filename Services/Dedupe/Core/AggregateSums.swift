import Metering

/// Sums over the aggregates of a scope.
struct AggregateSums {
    private struct Sums {
        var counted: Int128 = 0
        var superseded: Int128 = 0
    }

    private var sums: [Channel: [Field: Sums]] = [:]
    private var totals: [Field: Int128] = [:]
    /// What is known of one of the aggregates: the one first in order.
    private(set) var details: AggregateRecord.Details?
    /// The models that the aggregates name.
    private(set) var models: Set<String> = []
    /// When the last of what they sum had happened.
    private(set) var latest: Timestamp?
    /// The channel of the best family.
    private(set) var channel: Channel?

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
        note(record)
    }

    private mutating func note(_ record: AggregateRecord) {
        latest = max(latest ?? record.latest, record.latest)
        if let best = record.families.first?.channel {
            channel = channel.map { best.defaultAuthority < $0.defaultAuthority ? best : $0 } ?? best
        }
        guard let others = record.details else { return }
        if let model = others.model { models.insert(model) }
        if let details, details.observation <= others.observation { return }
        details = others
    }

    /// What the aggregates say of a field; of several families the one believed first.
    func total(_ field: Field) -> Int128? { totals[field] }

    /// What became of what each channel said.
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
