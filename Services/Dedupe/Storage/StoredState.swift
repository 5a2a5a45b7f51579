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

    enum StoredCall {
        case record(CallRecord)
        case redirected(to: CallNumber)
    }

    struct StoredScope {
        let id: Int64
        var record: ScopeRecord
    }

    struct StoredAggregate {
        let id: Int64
        var record: AggregateRecord
    }

    /// The number the next public key will get.
    private(set) var nextCall: Int64
    let statements: StateStatements
    let fingerprint: Fingerprint
    private var nextScope: Int64
    var nextSeries: Int64
    var nextAggregate: Int64
    var calls: GenerationCache<CallNumber, StoredCall>
    private var keys: GenerationCache<ContentID, CallNumber>
    private var scopes: GenerationCache<Scope, StoredScope>
    var series: GenerationCache<SeriesPlace, Int64>
    var aggregates: GenerationCache<Bucket, StoredAggregate>
    var sources: GenerationCache<SourceHour, FieldSet>
    var places: GenerationCache<Int64, SeriesPlace>
    private var boundKeys: [(name: ContentID, call: CallNumber)] = []
    private var changedCalls: Set<CallNumber> = []
    private var changedScopes: Set<Scope> = []
    /// Days since 1970, as scopes that are written are marked with.
    var today: Int64 = 0
    /// The scopes of the last flush whose reconciliation consumers may not know.
    private(set) var unreported: [Scope] = []
    var changedAggregates: Set<Bucket> = []

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
        sources = GenerationCache(capacity: capacity.scopes)
        places = GenerationCache(capacity: capacity.scopes)
    }

    /// How many records are held in memory.
    var cachedRecords: Int { calls.count + scopes.count + aggregates.count }

    /// Writes every changed record; to be called before the commit.
    func flush() throws {
        for number in changedCalls.sorted() {
            switch calls[number] {
            case .record(let record): try statements.calls.keep.run(number, Int64?.none, record.json)
            case .redirected(let survivor): try statements.calls.keep.run(number, survivor, [UInt8]?.none)
            case nil: preconditionFailure("a changed call left the cache before it was written")
            }
        }
        try writeKeys()
        unreported.removeAll(keepingCapacity: true)
        for scope in changedScopes {
            guard let stored = scopes[scope] else { continue }
            try write(stored)
            if stored.record.isUnreported { unreported.append(scope) }
        }
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
        sources.age()
        places.age()
    }

    /// Scopes that have aggregates waiting.
    func unsettledScopes() throws -> [Scope] {
        var found: [Scope] = []
        try statements.scopes.unsettled.rows { found.append(Scope($0)) }
        return found
    }

    /// Scopes whose reconciliation consumers may not know.
    func unreportedScopes(limit: Int) throws -> [Scope] {
        var found: [Scope] = []
        try statements.scopes.unreported.rows(Int64(limit)) { found.append(Scope($0)) }
        return found
    }
}

extension Scope {
    fileprivate init(_ row: SQLRow) {
        self.init(
            tenant: row.text(0), harness: Harness(rawValue: row.text(1)), session: row.text(2),
            isSessionKnown: row.integer(3) != 0)
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
            while try statements.calls.bindKey.run(slot, mark, call) == 0 { slot &+= 1 }
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
            let row = try statements.calls.findKey.first(slot) { (mark: $0.integer(0), call: $0.integer(1)) }
            guard let row else { return nil }
            if row.mark == mark { return row.call }
            slot &+= 1
        }
    }

    private func storedCall(_ number: CallNumber) throws -> StoredCall {
        if let cached = calls[number] { return cached }
        let row = try statements.calls.find.first(number) { ($0.optionalInteger(0), $0.bytes(1)) }
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

    func storedScope(_ scope: Scope) throws -> StoredScope? {
        if let cached = scopes[scope] { return cached }
        let row = try statements.scopes.find.first(
            scope.session, scope.harness.rawValue, scope.tenant, scope.isSessionKnown
        ) { row in
            (
                id: row.integer(0), owned: row.integer(1), isUnsettled: row.integer(2) != 0,
                publishedAggregates: row.integer(3), books: row.bytes(4), families: row.bytes(5),
                isUnreported: row.integer(6) != 0,
                reported: ScopeRecord.Reported(revision: row.integer(7), content: ContentID(bytes: row.bytes(8)))
            )
        }
        guard let row else { return nil }
        do throws(JSONError) {
            let stored = StoredScope(
                id: row.id,
                record: ScopeRecord(
                    scope: scope, owned: FieldSet(rawValue: UInt8(truncatingIfNeeded: row.owned)),
                    isUnsettled: row.isUnsettled, publishedAggregates: row.publishedAggregates,
                    books: try ScopeBooks(json: row.books), families: try AggregateFamilies(json: row.families),
                    isUnreported: row.isUnreported, reported: row.reported))
            scopes[scope] = stored
            return stored
        } catch {
            throw StateError(table: "scope", row: row.id, cause: "\(error)")
        }
    }

    func id(of scope: Scope) throws -> Int64 {
        if let stored = try storedScope(scope) { return stored.id }
        let stored = StoredScope(id: nextScope, record: ScopeRecord(scope: scope))
        nextScope += 1
        scopes[scope] = stored
        changedScopes.insert(scope)
        return stored.id
    }

    private func write(_ stored: StoredScope) throws {
        let record = stored.record
        try statements.scopes.keep.run(
            stored.id, record.scope.tenant, record.scope.harness.rawValue, record.scope.session,
            record.scope.isSessionKnown, Int64(record.owned.rawValue), record.isUnsettled, record.publishedAggregates,
            record.books.json, record.families.json, record.isUnreported, record.reported.revision,
            record.reported.content?.bytes, today)
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
