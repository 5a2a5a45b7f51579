public import Metering

/// What the charges of one quarter hour and one set of dimensions add up to, and when they were.
public struct ActivityQuarter: Hashable, Sendable {
    /// The quarter hour, counted from the Unix epoch.
    public var quarter: Int64
    /// The time of the first charge.
    ///
    /// Bounds only widen: where a charge was taken back that was the first or the last, they may lie beyond the charges
    /// that stand, though never beyond the quarter hour.
    public var first: Timestamp
    /// The time of the last charge.
    public var last: Timestamp
    /// The dimensions.
    public var dimensions: DimensionValues
    /// The sums.
    public var usage: Usage

    /// Makes a quarter hour.
    public init(quarter: Int64, first: Timestamp, last: Timestamp, dimensions: DimensionValues, usage: Usage) {
        self.quarter = quarter
        self.first = first
        self.last = last
        self.dimensions = dimensions
        self.usage = usage
    }
}
