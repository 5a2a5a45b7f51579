public import Metering

/// Sums over the calls of a scope: per channel and field what became of what was said, and what the calls count.
///
/// Sums are exact, so what a call added can be taken out again when the call changes. What reports said that compaction has
/// left out stays in under the verdict it had, should one more report come after it: the verdicts' sums are then higher than
/// what is told, the call's own figures are not. To take it out, the figures of every report left out would have to be kept,
/// which is what compaction saves; to leave it out at once, every scope would be written and reported anew for resting.
public struct ScopeBooks: Hashable, Sendable {
    /// Sums of one channel and field, by verdict.
    public struct Entry: Hashable, Sendable {
        /// The channel.
        public let channel: Channel
        /// The field.
        public let field: Field
        /// What became the call's figure.
        public var counted: Int128 = 0
        /// What said the same as a counted report.
        public var duplicate: Int128 = 0
        /// What a fuller report of the same channel replaced.
        public var superseded: Int128 = 0
        /// What differs from a channel that is believed before it.
        public var conflicting: Int128 = 0

        /// Everything the channel said.
        public var seen: Int128 { counted + duplicate + superseded + conflicting }

        init(channel: Channel, field: Field) {
            self.channel = channel
            self.field = field
        }

        subscript(verdict: Evidence.Verdict) -> Int128 {
            get {
                switch verdict {
                case .counted: counted
                case .duplicate: duplicate
                case .superseded: superseded
                case .conflicting: conflicting
                }
            }
            set {
                switch verdict {
                case .counted: counted = newValue
                case .duplicate: duplicate = newValue
                case .superseded: superseded = newValue
                case .conflicting: conflicting = newValue
                }
            }
        }
    }

    /// The sums of one channel.
    private struct Row: Hashable, Sendable {
        let channel: Channel
        var counted = PerField<Int128>(repeating: 0)
        var duplicate = PerField<Int128>(repeating: 0)
        var superseded = PerField<Int128>(repeating: 0)
        var conflicting = PerField<Int128>(repeating: 0)

        mutating func add(_ value: Int128, _ verdict: Evidence.Verdict, _ field: Field) {
            switch verdict {
            case .counted: counted[field] += value
            case .duplicate: duplicate[field] += value
            case .superseded: superseded[field] += value
            case .conflicting: conflicting[field] += value
            }
        }
    }

    // One row for each channel, in the order of their usual authority; never one of zeros only.
    private var rows: [Row] = []
    private var counts = PerField<Int128>(repeating: 0)

    init() {}

    /// Continues books that were stored.
    init(entries: [Entry], counts: [Field: Int128]) {
        for entry in entries {
            for verdict in Evidence.Verdict.allCases where entry[verdict] != 0 {
                add(entry[verdict], verdict, entry.field, of: entry.channel)
            }
        }
        for (field, count) in counts { self.counts[field] = count }
    }

    /// Entries that are not zero, by channel and field.
    public var entries: [Entry] {
        rows.flatMap { row in
            Field.allCases.compactMap { field in
                var entry = Entry(channel: row.channel, field: field)
                entry.counted = row.counted[field]
                entry.duplicate = row.duplicate[field]
                entry.superseded = row.superseded[field]
                entry.conflicting = row.conflicting[field]
                return entry.seen == 0 ? nil : entry
            }
        }
    }

    /// What the calls of the scope count of a field.
    public func counted(_ field: Field) -> Int128 { counts[field] }

    /// Adds what a call's reports say, each figure under one verdict.
    mutating func add(_ record: CallRecord) {
        change(by: record, sign: 1)
    }

    /// Takes out what adding a call's record put in.
    mutating func subtract(_ record: CallRecord) {
        change(by: record, sign: -1)
        rows.removeAll { $0 == Row(channel: $0.channel) }
    }

    private mutating func change(by record: CallRecord, sign: Int128) {
        let figures = record.figures
        record.forEachReport(figures) { report, verdicts in
            for field in Field.allCases {
                guard let verdict = verdicts[field], let value = report.figures[field], value != 0 else { continue }
                add(sign * Int128(value), verdict, field, of: report.rank.channel)
            }
        }
        for field in Field.allCases { counts[field] += sign * Int128(figures[field] ?? 0) }
    }

    private mutating func add(_ value: Int128, _ verdict: Evidence.Verdict, _ field: Field, of channel: Channel) {
        let index = rows.firstIndex { $0.channel.defaultAuthority >= channel.defaultAuthority } ?? rows.endIndex
        if index == rows.endIndex || rows[index].channel != channel { rows.insert(Row(channel: channel), at: index) }
        rows[index].add(value, verdict, field)
    }
}
