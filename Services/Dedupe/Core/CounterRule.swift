import Metering

/// What the points of a counter add to its sum; what a point adds belongs to the hour of its own end.
///
/// Points of one start are taken in the order of their end, equal ends in the order of their value:
///
/// - `delta-unique`: a delta point adds its value. Another value for the same interval is a conflict, of which the
///   largest counts, so the larger point adds only what it has more.
/// - `cumulative-maximum`: a cumulative point adds what it grew by. A fall is a reset: the counter began again from
///   zero. Another start is another run.
/// - `high-water-mark`: points of a total that never falls back are taken in the order of their value, whatever their
///   start and end; each adds what it exceeds the next lower one by.
///
/// A forked total begins at its baseline: points up to it add nothing, the first above it what it exceeds it by.
///
/// A point that arrives late takes its part from the point after it: sums are split anew, never added to.
struct CounterRule {
    let temporality: AggregatePoint.Temporality
    /// What the series began at.
    var baseline: Int64 = 0

    /// The name of the rule for points whose values relate in this way.
    static func rule(of temporality: AggregatePoint.Temporality) -> Rule {
        switch temporality {
        case .delta: .deltaUnique
        case .cumulative: .cumulativeMaximum
        case .highWater: .highWaterMark
        }
    }

    /// What a point adds when another, or none, comes before it.
    func increment(of point: SeriesPoint, after before: SeriesPoint?) -> Int64 {
        if temporality == .highWater { return max(point.value, baseline) - max(before?.value ?? 0, baseline) }
        guard let before else { return point.value }
        switch temporality {
        case .delta where before.end == point.end, .cumulative where before.value <= point.value:
            return point.value - before.value
        case .delta, .cumulative, .highWater: return point.value
        }
    }

    /// How what the next point adds changes because of a new point before it.
    func correction(
        to after: SeriesPoint, inserting point: SeriesPoint, after before: SeriesPoint?
    ) -> Int64 {
        increment(of: after, after: point) - increment(of: after, after: before)
    }

    /// Whether a new point gives an interval a second value.
    func isConflict(_ point: SeriesPoint, _ neighbours: PointNeighbours) -> Bool {
        temporality == .delta && (neighbours.before?.end == point.end || neighbours.after?.end == point.end)
    }
}
