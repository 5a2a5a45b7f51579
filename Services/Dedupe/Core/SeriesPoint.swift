public import Metering

/// What makes points comparable: one counter, with its full set of attributes, counting one thing in one way.
public struct SeriesIdentity: Hashable, Sendable {
    /// Full attribute set, resource and instrument.
    public let series: ContentID
    /// The series without the attribute that names the token class.
    public let group: ContentID
    /// What is counted.
    public let measure: AggregatePoint.Measure
    /// How values relate.
    public let temporality: AggregatePoint.Temporality
    /// How its points reached us.
    public let channel: Channel

    /// Takes a point's identity.
    public init(_ point: AggregatePoint, channel: Channel) {
        series = point.series
        group = point.group
        measure = point.measure
        temporality = point.temporality
        self.channel = channel
    }

    /// Makes an identity from its parts.
    public init(
        series: ContentID, group: ContentID, measure: AggregatePoint.Measure,
        temporality: AggregatePoint.Temporality, channel: Channel
    ) {
        self.series = series
        self.group = group
        self.measure = measure
        self.temporality = temporality
        self.channel = channel
    }
}

/// One point of a series.
public struct SeriesPoint: Hashable, Sendable {
    /// Where its interval, or the counting, began.
    public let start: Timestamp?
    /// When the value was read.
    public let end: Timestamp
    /// The value; never negative.
    public let value: Int64

    /// Makes a point.
    public init(start: Timestamp?, end: Timestamp, value: Int64) {
        self.start = start
        self.end = end
        self.value = value
    }
}

extension SeriesPoint: Comparable {
    /// Orders by start, then by end, then by value: within one start, the order in which a counter was read.
    public static func < (left: SeriesPoint, right: SeriesPoint) -> Bool {
        if left.start != right.start {
            guard let leftStart = left.start else { return true }
            guard let rightStart = right.start else { return false }
            return leftStart < rightStart
        }
        return (left.end, left.value) < (right.end, right.value)
    }
}

/// The points of a series next to a new one, with the same start.
public struct PointNeighbours: Hashable, Sendable {
    /// The last point before it.
    public let before: SeriesPoint?
    /// The first point after it.
    public let after: SeriesPoint?

    /// Makes neighbours.
    public init(before: SeriesPoint?, after: SeriesPoint?) {
        self.before = before
        self.after = after
    }
}
