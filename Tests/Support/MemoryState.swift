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

    private var keys: [TenantKey: CallNumber] = [:]
    private var redirects: [CallNumber: CallNumber] = [:]
    private var calls: [CallNumber: CallRecord] = [:]
    private var scopes: [Scope: ScopeRecord] = [:]
    private var points: [SeriesPlace: [SeriesPoint]] = [:]
    private var declared: [SeriesPlace: Set<AggregatePoint.Baseline>] = [:]
    private var sources: [SourceHour: FieldSet] = [:]
    private var groups: [PairingName: PairingGroup] = [:]
    private var aggregates: [Bucket: AggregateRecord] = [:]
    private var numbers: Int64 = 0

    /// Makes a state that remembers nothing.
    public init() {}

    /// Every scope that was ever kept.
    public var knownScopes: [Scope] { Array(scopes.keys) }
    /// The scopes whose aggregates wait.
    public var unsettledScopes: [Scope] { scopes(where: \.isUnsettled) }

    /// The scopes whose reconciliation consumers may not know.
    public var unreportedScopes: [Scope] { scopes(where: \.isUnreported) }

    /// Scopes in an order of their own: a dictionary's is another in each process, whatever the seed of a run.
    private func scopes(where isWanted: (ScopeRecord) -> Bool) -> [Scope] {
        scopes.values.filter(isWanted).map(\.scope).sorted {
            ($0.tenant, $0.harness.rawValue, $0.session) < ($1.tenant, $1.harness.rawValue, $1.session)
        }
    }

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
        let key = SeriesPlace(scope: scope, identity: series)
        var list = points[key] ?? []
        if list.contains(point) { return nil }
        list.append(point)
        list.sort(by: series.temporality == .highWater ? SeriesPoint.areInOrderOfValue : (<))
        points[key] = list
        let run = list.filter { $0.start == point.start }
        let index = run.firstIndex(of: point)!
        return PointNeighbours(
            before: index > 0 ? run[index - 1] : nil, after: index + 1 < run.count ? run[index + 1] : nil)
    }

    /// Points of a total, by value.
    public func points(of place: SeriesPlace, above low: Int64, throughFirstAbove high: Int64) -> [SeriesPoint] {
        let above = (points[place] ?? []).filter { $0.value > low }
        let end = above.firstIndex { $0.value > high }.map { $0 + 1 } ?? above.endIndex
        return Array(above[..<end])
    }

    /// The highest value a total had reached.
    public func reading(of total: TotalName, at time: Timestamp) -> Int64? {
        points.filter { $0.key.isTotal(total) }.values.joined().filter { $0.end <= time }.map(\.value).max()
    }

    /// Remembers where a series began.
    public mutating func declare(_ baseline: AggregatePoint.Baseline, of place: SeriesPlace) -> Bool {
        declared[place, default: []].insert(baseline).inserted
    }

    /// Where a series began.
    public func baselines(of place: SeriesPlace) -> [AggregatePoint.Baseline] { Array(declared[place] ?? []) }

    /// The series that began from a total.
    public func forks(of total: TotalName, from time: Timestamp) -> [SeriesPlace] {
        declared.filter { place, baselines in
            let measure = TotalName(tenant: "", series: total.series, measure: place.identity.measure).measure
            return place.scope.tenant == total.tenant && measure == total.measure
                && baselines.contains { $0.series == total.series && $0.at >= time }
        }.map(\.key)
    }

    /// The fields that calls of a source reported in an hour.
    public func fields(of hour: SourceHour) -> FieldSet { sources[hour] ?? [] }

    /// Keeps the fields of a source's hour.
    public mutating func keep(_ fields: FieldSet, of hour: SourceHour) { sources[hour] = fields }

    /// The calls of a pairing.
    public func group(_ name: PairingName) -> PairingGroup { groups[name] ?? PairingGroup() }

    /// Keeps the calls of a pairing.
    public mutating func keep(_ group: PairingGroup, of name: PairingName) { groups[name] = group }

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
                publishedAggregates: record.publishedAggregates, books: try ScopeBooks(json: record.books.json),
                families: try AggregateFamilies(json: record.families.json), isUnreported: record.isUnreported,
                reported: record.reported)
        }
        groups = try groups.mapValues { try PairingGroup(json: $0.json) }
    }
}

extension SeriesPlace {
    fileprivate func isTotal(_ total: TotalName) -> Bool {
        identity.temporality == .highWater
            && TotalName(tenant: scope.tenant, series: identity.series, measure: identity.measure) == total
    }
}
