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
    /// - Returns: The points next to it, among those with the same start in the order of ``SeriesPoint``, or for a total
    ///   that never falls back among all in the order of ``SeriesPoint/areInOrderOfValue(_:_:)``; `nil` when the point is
    ///   already there.
    mutating func insert(
        _ point: SeriesPoint, into series: SeriesIdentity, of scope: Scope
    ) throws(Failure) -> PointNeighbours?

    /// Points of a total that never falls back, by value: those above a value, through the first above another.
    mutating func points(
        of place: SeriesPlace, above low: Int64, throughFirstAbove high: Int64
    ) throws(Failure) -> [SeriesPoint]
    /// The highest value a total had reached by a time, over all its series; `nil` when nothing was seen.
    mutating func reading(of total: TotalName, at time: Timestamp) throws(Failure) -> Int64?
    /// Remembers where a series began.
    ///
    /// - Returns: whether that is new.
    mutating func declare(_ baseline: AggregatePoint.Baseline, of place: SeriesPlace) throws(Failure) -> Bool
    /// Where a series began, as it was declared.
    mutating func baselines(of place: SeriesPlace) throws(Failure) -> [AggregatePoint.Baseline]
    /// The series that began from a total at a time or later, each once.
    mutating func forks(of total: TotalName, from time: Timestamp) throws(Failure) -> [SeriesPlace]

    /// The fields that single calls of a source reported in an hour, other than zero.
    mutating func fields(of hour: SourceHour) throws(Failure) -> FieldSet
    /// Keeps the fields of a source's hour.
    mutating func keep(_ fields: FieldSet, of hour: SourceHour) throws(Failure)

    /// The calls of a pairing; an empty group for one not seen before.
    mutating func group(_ name: PairingName) throws(Failure) -> PairingGroup
    /// Keeps the calls of a pairing.
    mutating func keep(_ group: PairingGroup, of name: PairingName) throws(Failure)

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
