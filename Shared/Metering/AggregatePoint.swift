/// One point of a counter that sums several calls.
public struct AggregatePoint: Hashable, Sendable {
    /// The series: full attribute set, resource and instrument.
    ///
    /// Points of one series are comparable.
    public var series: ContentID
    /// The series without the attribute that names the token class: points of one group describe the same calls.
    public var group: ContentID
    /// What the value counts.
    public var measure: Measure
    /// Start of the interval; for a cumulative counter, of the process that counts.
    ///
    /// `nil` when not stated.
    public var start: Timestamp?
    /// End of the interval, the point's own time.
    public var end: Timestamp
    /// Whether the value is of this interval alone or a running total since `start`.
    public var temporality: Temporality
    /// Tokens, or picodollars for a cost; never negative.
    public var value: Int64
    /// The series this one began from; `nil` for one that began at zero.
    public var baseline: Baseline?

    /// Makes a point.
    public init(
        series: ContentID, group: ContentID, measure: Measure, start: Timestamp?, end: Timestamp,
        temporality: Temporality, value: Int64, baseline: Baseline? = nil
    ) {
        self.series = series
        self.group = group
        self.measure = measure
        self.start = start
        self.end = end
        self.temporality = temporality
        self.value = value
        self.baseline = baseline
    }

    /// How values of one series relate.
    public enum Temporality: String, Hashable, Sendable {
        /// Each value covers its own interval.
        case delta
        /// Each value is the running total since the start.
        case cumulative
        /// Each value is a running total that never falls back: a result repeated later changes nothing.
        ///
        /// Values are ordered by size, not by time, and a reader makes no point of a value of 0.
        case highWater = "high_water"
    }

    /// Where a forked series began: at what its parent had reached, which the parent counts already.
    public struct Baseline: Hashable, Sendable {
        /// The parent's series, of the same tenant and measure, in whatever session.
        public var series: ContentID
        /// When the series parted: what the parent's series had reached by then, and at that very instant, is the start.
        public var at: Timestamp

        /// Makes a baseline.
        public init(series: ContentID, at: Timestamp) {
            self.series = series
            self.at = at
        }
    }

    /// What a point counts.
    public enum Measure: Hashable, Sendable {
        /// Tokens of one class. When the source's input total includes them, `within` names the class that
        /// they must be taken out of, so that the parts stay disjoint whatever arrives first.
        case tokens(TokenClass, within: TokenClass?)
        /// Reported cost in picodollars.
        case cost
    }
}
