// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

public import Metering
public import Reconciliation
import Wire

/// A reconciler's state in dictionaries; a restart writes it out as a store would and reads it back.
public struct MemoryState: ReconciliationState {
    private struct TenantKey: Hashable {
        let tenant: String
        let key: CallKey
    }

    private struct ScopeSeries: Hashable {
        let scope: Scope
        let series: SeriesIdentity
    }

    private var keys: [TenantKey: CallNumber] = [:]
    private var redirects: [CallNumber: CallNumber] = [:]
    private var calls: [CallNumber: CallRecord] = [:]
    private var scopes: [Scope: ScopeRecord] = [:]
    private var points: [ScopeSeries: [SeriesPoint]] = [:]
    private var aggregates: [Bucket: AggregateRecord] = [:]
    private var numbers: Int64 = 0

    /// Makes a state that remembers nothing.
    public init() {}

    /// Every scope that was ever kept.
    public var knownScopes: [Scope] { Array(scopes.keys) }
    /// The scopes whose aggregates wait.
    public var unsettledScopes: [Scope] { scopes.values.filter(\.isUnsettled).map(\.scope) }

    /// The call a key belongs to.
    public func call(of key: CallKey, in tenant: String) -> CallNumber? {
        guard var number = keys[TenantKey(tenant: tenant, key: key)] else { return nil }
        while let survivor = redirects[number] { number = survivor }
        return number
    }

    /// Binds a key to a call.
    public mutating func bind(_ key: CallKey, in tenant: String, to call: CallNumber) {
        keys[TenantKey(tenant: tenant, key: key)] = call
    }

    /// The record of a call.
    public func record(of call: CallNumber) -> CallRecord { calls[call]! }

    /// Keeps the record of a call.
    public mutating func keep(_ record: CallRecord, of call: CallNumber) { calls[call] = record }

    /// Forgets a call in favour of another.
    public mutating func redirect(_ call: CallNumber, to survivor: CallNumber) {
        calls[call] = nil
        redirects[call] = survivor
    }

    /// The record of a scope.
    public func record(of scope: Scope) -> ScopeRecord { scopes[scope] ?? ScopeRecord(scope: scope) }

    /// Keeps the record of a scope.
    public mutating func keep(_ record: ScopeRecord) { scopes[record.scope] = record }

    /// Adds a point to a series.
    public mutating func insert(_ point: SeriesPoint, into series: SeriesIdentity, of scope: Scope) -> PointNeighbours?
    {
        let key = ScopeSeries(scope: scope, series: series)
        var list = points[key] ?? []
        if list.contains(point) { return nil }
        list.append(point)
        list.sort()
        points[key] = list
        let run = list.filter { $0.start == point.start }
        let index = run.firstIndex(of: point)!
        return PointNeighbours(
            before: index > 0 ? run[index - 1] : nil, after: index + 1 < run.count ? run[index + 1] : nil)
    }

    /// The record of a bucket.
    public func record(of bucket: Bucket) -> AggregateRecord? { aggregates[bucket] }

    /// Keeps the record of a bucket.
    public mutating func keep(_ record: AggregateRecord) { aggregates[record.bucket] = record }

    /// The buckets of a scope that are selected.
    public func buckets(of scope: Scope, _ selection: BucketSelection) -> [Bucket] {
        aggregates.values.filter { record in
            guard record.bucket.scope == scope else { return false }
            switch selection {
            case .all: return true
            case .waiting: return record.isWaiting
            case .published: return record.isPublished
            }
        }.map(\.bucket)
    }

    /// The next number of a public key.
    public mutating func takeNumber() -> Int64 {
        numbers += 1
        return numbers
    }

    /// Writes every record out and reads it back.
    public mutating func restart() throws {
        calls = try calls.mapValues { try CallRecord(json: $0.json) }
        aggregates = try aggregates.mapValues { try AggregateRecord(bucket: $0.bucket, json: $0.json) }
        scopes = try scopes.mapValues { record in
            ScopeRecord(
                scope: record.scope, owned: record.owned, isUnsettled: record.isUnsettled,
                publishedAggregates: record.publishedAggregates, books: try ScopeBooks(json: record.books.json))
        }
    }
}
