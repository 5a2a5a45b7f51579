import GRDB
import Metering
import Reconciliation
import Wire

/// The reconciler's state in SQLite behind a write-back cache; to be used inside a transaction of its database alone.
///
/// Points are written at once, keys and records when ``flush()`` is called before the commit.
final class StoredState: ReconciliationState {
    typealias Failure = any Error

    /// How many records of each kind one generation of the cache holds.
    struct Capacity {
        var calls = 16_384
        var keys = 65_536
        var scopes = 16_384
        var aggregates = 16_384
    }

    private enum StoredCall {
        case record(CallRecord)
        case redirected(to: CallNumber)
    }

    private struct StoredScope {
        let id: Int64
        var record: ScopeRecord
    }

    private struct StoredAggregate {
        let id: Int64
        var record: AggregateRecord
    }

    private struct SeriesKey: Hashable {
        let scope: Int64
        let identity: SeriesIdentity
    }

    /// The number the next public key will get.
    private(set) var nextCall: Int64
    private let statements: StateStatements
    private let fingerprint: Fingerprint
    private var nextScope: Int64
    private var nextSeries: Int64
    private var nextAggregate: Int64
    private var calls: GenerationCache<CallNumber, StoredCall>
    private var keys: GenerationCache<ContentID, CallNumber>
    private var scopes: GenerationCache<Scope, StoredScope>
    private var series: GenerationCache<SeriesKey, Int64>
    private var aggregates: GenerationCache<Bucket, StoredAggregate>
    private var boundKeys: [(name: ContentID, call: CallNumber)] = []
    private var changedCalls: Set<CallNumber> = []
    private var changedScopes: Set<Scope> = []
    private var changedAggregates: Set<Bucket> = []

    init(_ database: Database, secret: ContentID, nextCall: Int64, capacity: Capacity = Capacity()) throws {
        statements = try StateStatements(database)
        fingerprint = Fingerprint(key: secret)
        self.nextCall = nextCall
        nextScope = try statements.nextID(of: "scope", in: database)
        nextSeries = try statements.nextID(of: "series", in: database)
        nextAggregate = try statements.nextID(of: "aggregate", in: database)
        calls = GenerationCache(capacity: capacity.calls)
        keys = GenerationCache(capacity: capacity.keys)
        scopes = GenerationCache(capacity: capacity.scopes)
        series = GenerationCache(capacity: capacity.scopes)
        aggregates = GenerationCache(capacity: capacity.aggregates)
    }

    /// How many records are held in memory.
    var cachedRecords: Int { calls.count + scopes.count + aggregates.count }

    /// Writes every changed record; to be called before the commit.
    func flush() throws {
        for number in changedCalls.sorted() {
            switch calls[number] {
            case .record(let record): try statements.keepCall.run(number, Int64?.none, record.json)
            case .redirected(let survivor): try statements.keepCall.run(number, survivor, [UInt8]?.none)
            case nil: preconditionFailure("a changed call left the cache before it was written")
            }
        }
        try writeKeys()
        for scope in changedScopes { if let stored = scopes[scope] { try write(stored) } }
        try flushAggregates()
        changedCalls.removeAll(keepingCapacity: true)
        changedScopes.removeAll(keepingCapacity: true)
    }

    /// Lets the cache forget what was not used for long; to be called after the commit.
    func age() {
        calls.age()
        keys.age()
        scopes.age()
        series.age()
        aggregates.age()
    }

    /// Scopes that have aggregates waiting.
    func unsettledScopes() throws -> [Scope] {
        var found: [Scope] = []
        try statements.unsettledScopes.rows { row in
            found.append(
                Scope(
                    tenant: row.text(0), harness: Harness(rawValue: row.text(1)), session: row.text(2),
                    isSessionKnown: row.integer(3) != 0))
        }
        return found
    }
}

extension StoredState {
    func call(of key: CallKey, in tenant: String) throws -> CallNumber? {
        let name = fingerprint(of: key, in: tenant)
        var number: CallNumber
        if let cached = keys[name] {
            number = cached
        } else {
            guard let stored = try storedCall(of: name) else { return nil }
            number = stored
        }
        let first = number
        while case .redirected(let survivor) = try storedCall(number) { number = survivor }
        if number != first { redirectHere(first, to: number) }
        keys[name] = number
        return number
    }

    func bind(_ key: CallKey, in tenant: String, to call: CallNumber) {
        let name = fingerprint(of: key, in: tenant)
        keys[name] = call
        boundKeys.append((name, call))
    }

    func record(of call: CallNumber) throws -> CallRecord {
        guard case .record(let record) = try storedCall(call) else {
            throw StateError(table: "call", row: call, cause: "a record is missing")
        }
        return record
    }

    func keep(_ record: CallRecord, of call: CallNumber) {
        calls[call] = .record(record)
        changedCalls.insert(call)
    }

    func redirect(_ call: CallNumber, to survivor: CallNumber) {
        redirectHere(call, to: survivor)
    }

    func takeNumber() -> Int64 {
        defer { nextCall += 1 }
        return nextCall
    }

    /// Writes the keys bound since the last commit, in the order of their rows: neighbours share pages.
    private func writeKeys() throws {
        boundKeys.sort { Int64(bitPattern: $0.name.high) < Int64(bitPattern: $1.name.high) }
        for (name, call) in boundKeys {
            let mark = Int64(bitPattern: name.low)
            var slot = Int64(bitPattern: name.high)
            while try statements.bindKey.run(slot, mark, call) == 0 { slot &+= 1 }
        }
        boundKeys.removeAll(keepingCapacity: true)
    }

    private func redirectHere(_ call: CallNumber, to survivor: CallNumber) {
        calls[call] = .redirected(to: survivor)
        changedCalls.insert(call)
    }

    private func fingerprint(of key: CallKey, in tenant: String) -> ContentID {
        // Tenants have no line breaks in them that a key could imitate: the first one ends the tenant.
        fingerprint(tenant + "\n" + key.rawValue)
    }

    /// Looks in the row the fingerprint chooses and, where other keys took it, in those after it.
    private func storedCall(of name: ContentID) throws -> CallNumber? {
        let mark = Int64(bitPattern: name.low)
        var slot = Int64(bitPattern: name.high)
        while true {
            let row = try statements.findKey.first(slot) { (mark: $0.integer(0), call: $0.integer(1)) }
            guard let row else { return nil }
            if row.mark == mark { return row.call }
            slot &+= 1
        }
    }

    private func storedCall(_ number: CallNumber) throws -> StoredCall {
        if let cached = calls[number] { return cached }
        let row = try statements.findCall.first(number) { ($0.optionalInteger(0), $0.bytes(1)) }
        guard let (survivor, json) = row else {
            throw StateError(table: "call", row: number, cause: "a record is missing")
        }
        let stored: StoredCall
        if let survivor {
            stored = .redirected(to: survivor)
        } else {
            do throws(JSONError) {
                stored = .record(try CallRecord(json: json))
            } catch {
                throw StateError(table: "call", row: number, cause: "\(error)")
            }
        }
        calls[number] = stored
        return stored
    }
}

extension StoredState {
    func record(of scope: Scope) throws -> ScopeRecord {
        try storedScope(scope)?.record ?? ScopeRecord(scope: scope)
    }

    func keep(_ record: ScopeRecord) throws {
        scopes[record.scope] = StoredScope(id: try id(of: record.scope), record: record)
        changedScopes.insert(record.scope)
    }

    private func storedScope(_ scope: Scope) throws -> StoredScope? {
        if let cached = scopes[scope] { return cached }
        let row = try statements.findScope.first(
            scope.session, scope.harness.rawValue, scope.tenant, scope.isSessionKnown
        ) { row in
            (
                id: row.integer(0), owned: row.integer(1), isUnsettled: row.integer(2) != 0,
                publishedAggregates: row.integer(3), books: row.bytes(4)
            )
        }
        guard let row else { return nil }
        do throws(JSONError) {
            let stored = StoredScope(
                id: row.id,
                record: ScopeRecord(
                    scope: scope, owned: FieldSet(rawValue: UInt8(truncatingIfNeeded: row.owned)),
                    isUnsettled: row.isUnsettled, publishedAggregates: row.publishedAggregates,
                    books: try ScopeBooks(json: row.books)))
            scopes[scope] = stored
            return stored
        } catch {
            throw StateError(table: "scope", row: row.id, cause: "\(error)")
        }
    }

    private func id(of scope: Scope) throws -> Int64 {
        if let stored = try storedScope(scope) { return stored.id }
        let stored = StoredScope(id: nextScope, record: ScopeRecord(scope: scope))
        nextScope += 1
        scopes[scope] = stored
        changedScopes.insert(scope)
        return stored.id
    }

    private func write(_ stored: StoredScope) throws {
        let record = stored.record
        try statements.keepScope.run(
            stored.id, record.scope.tenant, record.scope.harness.rawValue, record.scope.session,
            record.scope.isSessionKnown, Int64(record.owned.rawValue), record.isUnsettled, record.publishedAggregates,
            record.books.json)
    }
}

extension StoredState {
    func insert(_ point: SeriesPoint, into identity: SeriesIdentity, of scope: Scope) throws -> PointNeighbours? {
        let series = try id(of: identity, in: id(of: scope))
        let start = point.start?.nanoseconds ?? .min
        let end = point.end.nanoseconds
        guard try statements.insertPoint.run(series, start, end, point.value) == 1 else { return nil }
        func read(_ row: SQLRow) -> SeriesPoint {
            SeriesPoint(start: point.start, end: Timestamp(nanoseconds: row.integer(0)), value: row.integer(1))
        }
        return PointNeighbours(
            before: try statements.pointBefore.first(series, start, end, point.value, read: read),
            after: try statements.pointAfter.first(series, start, end, point.value, read: read))
    }

    func record(of bucket: Bucket) throws -> AggregateRecord? {
        try storedAggregate(bucket)?.record
    }

    func keep(_ record: AggregateRecord) throws {
        let stored = try storedAggregate(record.bucket)
        aggregates[record.bucket] = StoredAggregate(id: stored?.id ?? nextAggregate, record: record)
        if stored == nil { nextAggregate += 1 }
        changedAggregates.insert(record.bucket)
    }

    func buckets(of scope: Scope, _ selection: BucketSelection) throws -> [Bucket] {
        // What is selected is written in columns; they must say what the cache says.
        try flushAggregates()
        guard let id = try storedScope(scope)?.id else { return [] }
        let statement =
            switch selection {
            case .all: statements.allAggregates
            case .waiting: statements.waitingAggregates
            case .published: statements.publishedAggregates
            }
        var buckets: [Bucket] = []
        try statement.rows(id) { row in
            guard let group = ContentID(bytes: row.bytes(0)) else {
                throw StateError(table: "aggregate", row: id, cause: "a group is not 16 bytes")
            }
            buckets.append(Bucket(scope: scope, group: group, hour: row.integer(1)))
        }
        return buckets
    }

    private func id(of identity: SeriesIdentity, in scope: Int64) throws -> Int64 {
        let key = SeriesKey(scope: scope, identity: identity)
        if let cached = series[key] { return cached }
        let name = "\(identity.series) \(identity.group) \(identity.name) \(identity.temporality) \(identity.channel)"
        if let stored = try statements.findSeries.first(scope, name, read: { $0.integer(0) }) {
            series[key] = stored
            return stored
        }
        let id = nextSeries
        nextSeries += 1
        try statements.insertSeries.run(id, scope, name)
        series[key] = id
        return id
    }

    private func storedAggregate(_ bucket: Bucket) throws -> StoredAggregate? {
        if let cached = aggregates[bucket] { return cached }
        guard let scope = try storedScope(bucket.scope)?.id else { return nil }
        let row = try statements.findAggregate.first(scope, bucket.group.bytes, bucket.hour) { row in
            (id: row.integer(0), json: row.bytes(1))
        }
        guard let row else { return nil }
        do throws(JSONError) {
            let stored = StoredAggregate(id: row.id, record: try AggregateRecord(bucket: bucket, json: row.json))
            aggregates[bucket] = stored
            return stored
        } catch {
            throw StateError(table: "aggregate", row: row.id, cause: "\(error)")
        }
    }

    private func flushAggregates() throws {
        for bucket in changedAggregates {
            guard let stored = aggregates[bucket] else { continue }
            try statements.keepAggregate.run(
                stored.id, try id(of: bucket.scope), bucket.group.bytes, bucket.hour, stored.record.isWaiting,
                stored.record.isPublished, stored.record.json)
        }
        changedAggregates.removeAll(keepingCapacity: true)
    }
}

extension SeriesIdentity {
    fileprivate var name: String {
        switch measure {
        case .cost: "cost"
        case .tokens(let tokenClass, let within):
            within.map { "\(tokenClass.rawValue)<\($0.rawValue)" } ?? tokenClass.rawValue
        }
    }
}

/// A row of the state that cannot be used: the database is damaged, or was changed by something else.
struct StateError: Error, CustomStringConvertible {
    let table: String
    let row: Int64
    let cause: String

    var description: String {
        "table \(table), row \(row): \(cause); restore the database from a backup"
    }
}
