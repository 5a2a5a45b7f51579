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
    /// How far they are believed against other counters of the scope: the lowest number wins.
    public let authority: Int64

    /// Takes the identity of an observed point.
    public init(_ point: AggregatePoint, of observation: Observation) {
        self.init(
            series: point.series, group: point.group, measure: point.measure, temporality: point.temporality,
            channel: observation.channel, authority: observation.authority)
    }

    /// Makes an identity from its parts.
    public init(
        series: ContentID, group: ContentID, measure: AggregatePoint.Measure,
        temporality: AggregatePoint.Temporality, channel: Channel, authority: Int64
    ) {
        self.series = series
        self.group = group
        self.measure = measure
        self.temporality = temporality
        self.channel = channel
        self.authority = authority
    }

    /// The family of counters it belongs to.
    var family: ChannelRank { ChannelRank(authority: authority, channel: channel) }
    /// What forks of it call it.
    public func total(in tenant: String) -> TotalName { TotalName(tenant: tenant, series: series, measure: measure) }
}

/// A series of a scope.
public struct SeriesPlace: Hashable, Sendable {
    /// The scope.
    public let scope: Scope
    /// The series.
    public let identity: SeriesIdentity

    /// Makes a place.
    public init(scope: Scope, identity: SeriesIdentity) {
        self.scope = scope
        self.identity = identity
    }
}

/// A total that never falls back, as its forks name it: whichever session, channel and authority its points have.
public struct TotalName: Hashable, Sendable {
    /// Whose data it is.
    public let tenant: String
    /// The series.
    public let series: ContentID
    /// What is counted, without what it is a part of.
    public let measure: AggregatePoint.Measure

    /// Makes a name.
    public init(tenant: String, series: ContentID, measure: AggregatePoint.Measure) {
        self.tenant = tenant
        self.series = series
        switch measure {
        case .cost: self.measure = .cost
        case .tokens(let tokenClass, _): self.measure = .tokens(tokenClass, within: nil)
        }
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

    /// The order by value, then by end: that of totals that never fall back, whose start does not matter.
    public static func areInOrderOfValue(_ left: SeriesPoint, _ right: SeriesPoint) -> Bool {
        (left.value, left.end) < (right.value, right.end)
    }
}

/// The points of a series next to a new one, with the same start; for totals that never fall back, by value.
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
