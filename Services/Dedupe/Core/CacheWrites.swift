import Metering

/// Rule: the tokens one report says were written to a cache, told apart by lifetime or not, are one figure.
///
/// Of two reports the one with the larger total stands, whole: adding one report's split to another's total would count
/// the same tokens twice. Where totals are equal, the report that knows the lifetimes stands.
struct CacheWrites: Hashable, Sendable {
    let fiveMinutes: Int64?
    let oneHour: Int64?
    let unstated: Int64?

    /// What counts say of cache writes; `nil` when they say nothing.
    init?(_ tokens: TokenCounts) {
        guard tokens.cacheWrite5m != nil || tokens.cacheWrite1h != nil || tokens.cacheWrite != nil else { return nil }
        fiveMinutes = tokens.cacheWrite5m
        oneHour = tokens.cacheWrite1h
        unstated = tokens.cacheWrite
    }

    /// Tokens of a stated lifetime.
    private var stated: Int64 { (fiveMinutes ?? 0).addingClamped(oneHour ?? 0) }

    /// All tokens written.
    var total: Int64 { stated.addingClamped(unstated ?? 0) }

    /// Whether the lifetime of every token is stated.
    var isSplit: Bool { (fiveMinutes != nil || oneHour != nil) && (unstated ?? 0) == 0 }

    /// Whether no lifetime is stated at all.
    var isUnsplit: Bool { fiveMinutes == nil && oneHour == nil }

    /// Whether this is the same total with the lifetimes that the other lacks.
    func completes(_ other: CacheWrites) -> Bool {
        other.isUnsplit && isSplit && total == other.total
    }
}

extension CacheWrites: Comparable {
    /// Orders by total, then by how much of it has a stated lifetime; the rest only makes the order total.
    static func < (left: CacheWrites, right: CacheWrites) -> Bool {
        if left.total != right.total { return left.total < right.total }
        if left.stated != right.stated { return left.stated < right.stated }
        if left.isSplit != right.isSplit { return right.isSplit }
        let leftParts = (left.fiveMinutes ?? -1, left.oneHour ?? -1, left.unstated ?? -1)
        let rightParts = (right.fiveMinutes ?? -1, right.oneHour ?? -1, right.unstated ?? -1)
        return leftParts < rightParts
    }
}
