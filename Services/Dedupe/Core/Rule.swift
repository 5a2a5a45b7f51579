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
}
