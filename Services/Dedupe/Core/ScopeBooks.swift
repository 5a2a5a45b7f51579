public import Metering

/// Sums over the calls of a scope: per channel and field what became of what was said, and what the calls count.
///
/// Sums are exact, so what a call added can be taken out again when the call changes.
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

        var isZero: Bool { counted == 0 && duplicate == 0 && superseded == 0 && conflicting == 0 }

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

    /// Entries that are not zero, by channel and field in the order of their declaration.
    public private(set) var entries: [Entry] = []
    /// What the calls count, by field, in the order of ``Field/allCases``.
    private(set) var counts = [Int128](repeating: 0, count: Field.allCases.count)

    init() {}

    init(entries: [Entry], counts: [Int128]) {
        self.entries = entries
        self.counts = counts
    }

    /// What the calls of the scope count of a field.
    public func counted(_ field: Field) -> Int128 { counts[field.position] }

    mutating func add(_ said: Figures, _ verdicts: FieldVerdicts, of channel: Channel) {
        for field in Field.allCases {
            guard let verdict = verdicts[field], let value = said[field], value != 0 else { continue }
            update(channel, field) { $0[verdict] += Int128(value) }
        }
    }

    mutating func addCounted(_ figures: Figures) {
        for field in Field.allCases { counts[field.position] += Int128(figures[field] ?? 0) }
    }

    static func += (books: inout ScopeBooks, other: ScopeBooks) {
        books.combine(other, +)
    }

    static func -= (books: inout ScopeBooks, other: ScopeBooks) {
        books.combine(other, -)
    }

    private mutating func combine(_ other: ScopeBooks, _ operation: (Int128, Int128) -> Int128) {
        for entry in other.entries {
            update(entry.channel, entry.field) { mine in
                for verdict in Evidence.Verdict.allCases { mine[verdict] = operation(mine[verdict], entry[verdict]) }
            }
        }
        for field in Field.allCases {
            counts[field.position] = operation(counts[field.position], other.counts[field.position])
        }
    }

    private mutating func update(_ channel: Channel, _ field: Field, _ change: (inout Entry) -> Void) {
        let position = (channel.defaultAuthority, field.position)
        let index = entries.firstIndex { ($0.channel.defaultAuthority, $0.field.position) >= position }
        if let index, entries[index].channel == channel, entries[index].field == field {
            change(&entries[index])
            if entries[index].isZero { entries.remove(at: index) }
        } else {
            var entry = Entry(channel: channel, field: field)
            change(&entry)
            if !entry.isZero { entries.insert(entry, at: index ?? entries.endIndex) }
        }
    }
}

extension Field {
    /// The place in ``Field/allCases``.
    var position: Int {
        switch self {
        case .uncachedInput: 0
        case .cacheRead: 1
        case .cacheWrite: 2
        case .output: 3
        case .reasoning: 4
        case .cost: 5
        }
    }
}
