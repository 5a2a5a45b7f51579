public import Metering

/// The number under which a call is remembered: the number of the first key it was published under.
public typealias CallNumber = Int64

/// What the counting rules have to remember between observations.
///
/// Nothing here decides anything: it stores and finds. Changes take effect at once for the reader; making them durable,
/// all or none, is the owner's business.
public protocol ReconciliationState {
    /// What reading the store can fail with; `Never` in memory.
    associatedtype Failure: Error

    /// The call a key belongs to, however many calls were joined since it was bound.
    mutating func call(of key: CallKey, in tenant: String) throws(Failure) -> CallNumber?
    /// Binds a key to a call.
    mutating func bind(_ key: CallKey, in tenant: String, to call: CallNumber) throws(Failure)
    /// The record of a call that ``call(of:in:)`` gave.
    mutating func record(of call: CallNumber) throws(Failure) -> CallRecord
    /// Keeps the record of a call.
    mutating func keep(_ record: CallRecord, of call: CallNumber) throws(Failure)
    /// Forgets a call's record; from now on all its keys belong to another call.
    mutating func redirect(_ call: CallNumber, to survivor: CallNumber) throws(Failure)

    /// The record of a scope; an empty one for a scope not seen before.
    mutating func record(of scope: Scope) throws(Failure) -> ScopeRecord
    /// Keeps the record of a scope.
    mutating func keep(_ record: ScopeRecord) throws(Failure)

    /// Adds a point to a series of a scope.
    ///
    /// - Returns: The points next to it, among those with the same start in the order of ``SeriesPoint``; `nil` when the
    ///   point is already there.
    mutating func insert(
        _ point: SeriesPoint, into series: SeriesIdentity, of scope: Scope
    ) throws(Failure) -> PointNeighbours?

    /// The record of a bucket; `nil` when nothing was kept.
    mutating func record(of bucket: Bucket) throws(Failure) -> AggregateRecord?
    /// Keeps the record of a bucket.
    mutating func keep(_ record: AggregateRecord) throws(Failure)
    /// The buckets of a scope that are selected, in any order.
    mutating func buckets(of scope: Scope, _ selection: BucketSelection) throws(Failure) -> [Bucket]

    /// The next number of a public key: 1, 2, 3, and so on.
    mutating func takeNumber() throws(Failure) -> Int64
}

/// Which buckets of a scope are meant.
public enum BucketSelection: String, Hashable, Sendable {
    /// Those whose records are waiting.
    case waiting
    /// Those that consumers count now.
    case published
    /// All.
    case all
}
