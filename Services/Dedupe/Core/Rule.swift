/// The rules that decide about a report, by the names that evidence carries; names are never changed.
public enum Rule: String, CaseIterable, Hashable, Sendable {
    /// Nothing else was said about the call.
    case soleReport = "sole-report"
    /// Within one channel the larger figure of each field stands, because reports of a stream grow.
    case fieldwiseMaximum = "fieldwise-maximum"
    /// Between channels each field is taken from the one that is believed first of those that report it.
    case channelAuthority = "channel-authority"
    /// It shares an identity with a report that is counted, and says the same.
    case sameIdentity = "same-identity"
    /// It tells the lifetimes of cache writes whose total another channel gave.
    case cacheLifetimeSplit = "cache-lifetime-split"
    /// A field that single calls of the scope report is not taken from its aggregates.
    case fieldOwnership = "field-ownership"
    /// Points of a delta counter are added, each interval once.
    case deltaUnique = "delta-unique"
    /// Points of a cumulative counter add what they grew by.
    case cumulativeMaximum = "cumulative-maximum"
    /// Points of a total that never falls back add what they exceed the next lower one by.
    case highWaterMark = "high-water-mark"
    /// A forked total adds what it exceeds the total it was forked from by.
    case baseline
    /// A forked total adds all of its value: nothing was seen of the total it was forked from.
    case baselineMissing = "baseline-missing"
    /// A field that a better family of counters reports is not taken from the others of the scope.
    case aggregateAuthority = "aggregate-authority"
    /// A field that single calls of the same source report around an hour is not taken from its aggregates of that hour.
    case sourceOwnership = "source-ownership"
    /// Policy `fill`: what the aggregates of a session say beyond its calls.
    case residualFill = "residual-fill"
    /// It is the same place in the conversation as a report of another channel that shares no identity with it.
    case pairing
}
