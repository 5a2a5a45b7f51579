/// What became of everything that was said about a scope: per channel and field, and what the aggregates say beyond the
/// calls.
public struct ReconciliationRecord: Hashable, Sendable {
    /// One channel's figures of one field: tokens, or picodollars for `cost`.
    public struct Entry: Hashable, Sendable {
        /// The channel.
        public var channel: Channel
        /// The field: a token class or `cost`; tokens written to a cache are one field whatever their lifetime.
        public var field: String
        /// Everything the channel said: the sum of the four that follow.
        public var seen: Int128 { counted + duplicate + superseded + conflicting }
        /// What is counted.
        public var counted: Int128
        /// What another report counts.
        public var duplicate: Int128
        /// What a fuller report replaced, or for aggregates what calls or better counters report.
        public var superseded: Int128
        /// What differs from a report that is believed more.
        public var conflicting: Int128

        /// Makes an entry.
        public init(
            channel: Channel, field: String, counted: Int128, duplicate: Int128, superseded: Int128,
            conflicting: Int128
        ) {
            self.channel = channel
            self.field = field
            self.counted = counted
            self.duplicate = duplicate
            self.superseded = superseded
            self.conflicting = conflicting
        }
    }

    /// How far aggregates and calls of one field agree: tokens, or picodollars for `cost`.
    public struct Coverage: Hashable, Sendable {
        /// The field.
        public var field: String
        /// What the aggregates of the scope say; of several families the one believed first.
        public var aggregates: Int128
        /// What the calls of the scope count.
        public var calls: Int128
        /// What the aggregates say beyond the calls; negative where they say less.
        public var residual: Int128 { aggregates - calls }

        /// Makes a coverage.
        public init(field: String, aggregates: Int128, calls: Int128) {
            self.field = field
            self.aggregates = aggregates
            self.calls = calls
        }
    }

    /// The scope.
    public var scope: Scope
    /// Counts up from 1 with every record of the scope; the highest holds.
    public var revision: Int64
    /// What is done with what aggregates say beyond the calls: `authority` shows it, `fill` books it as an estimate.
    public var policy: String
    /// The fields that single calls report.
    public var owned: [String]
    /// Figures by channel and field.
    public var entries: [Entry]
    /// Coverage of each field that aggregates report.
    public var coverage: [Coverage]

    /// Makes a record.
    public init(
        scope: Scope, revision: Int64, policy: String, owned: [String], entries: [Entry], coverage: [Coverage]
    ) {
        self.scope = scope
        self.revision = revision
        self.policy = policy
        self.owned = owned
        self.entries = entries
        self.coverage = coverage
    }

    /// The name of the field that counts money.
    public static let costField = "cost"
}
