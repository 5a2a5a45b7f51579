/// Which cost a report shows.
public enum CostMode: String, CaseIterable, Hashable, Sendable {
    /// What the source reported where it did, else what the price sheets say.
    ///
    /// In a session whose cost is reported by an aggregate, the reported costs alone: a cost that stands for all calls of
    /// the session and the computed cost of those calls never add up.
    case auto
    /// What the sources reported.
    case reported
    /// What the price sheets say.
    case computed
}

/// How the costs of one session's charges make up its `auto` cost.
public enum ScopeCostRule: Hashable, Sendable {
    /// Each charge by itself: reported, else computed.
    case perCharge
    /// An aggregate carries the session's reported cost: reported costs alone.
    case reportedAlone

    /// The rule of a session with so many standing aggregates that carry a reported cost.
    @inlinable
    public init(costAggregates: Int64) {
        self = costAggregates > 0 ? .reportedAlone : .perCharge
    }
}
