import Metering

/// What the points of a counter add to its sum; what a point adds belongs to the hour of its own end.
///
/// Points of one start are taken in the order of their end, equal ends in the order of their value:
///
/// - `delta-unique`: a delta point adds its value. Another value for the same interval is a conflict, of which the
///   largest counts, so the larger point adds only what it has more.
/// - `cumulative-maximum`: a cumulative point adds what it grew by. A fall is a reset: the counter began again from
///   zero. Another start is another run.
///
/// A point that arrives late takes its part from the point after it: sums are split anew, never added to.
enum CounterRule {
    /// What a point adds when another, or none, comes before it.
    static func increment(
        of point: SeriesPoint, after before: SeriesPoint?, _ temporality: AggregatePoint.Temporality
    ) -> Int64 {
        guard let before else { return point.value }
        switch temporality {
        case .delta: return before.end == point.end ? point.value - before.value : point.value
        case .cumulative: return before.value <= point.value ? point.value - before.value : point.value
        }
    }

    /// How what the next point adds changes because of a new point before it.
    static func correction(
        to after: SeriesPoint, inserting point: SeriesPoint, after before: SeriesPoint?,
        _ temporality: AggregatePoint.Temporality
    ) -> Int64 {
        increment(of: after, after: point, temporality) - increment(of: after, after: before, temporality)
    }

    /// Whether a new point gives an interval a second value.
    static func isConflict(
        _ point: SeriesPoint, _ neighbours: PointNeighbours, _ temporality: AggregatePoint.Temporality
    ) -> Bool {
        temporality == .delta && (neighbours.before?.end == point.end || neighbours.after?.end == point.end)
    }
}
