import GRDB
import Ledger
import Metering
import Pipeline
import Reporting

/// The writer of a ledger in SQLite, owned by the stage's thread.
///
/// Everything of a batch goes into one transaction: charges, changes, sums, dead letters, counters and the windows of the
/// streams. Sums are folded in memory and written once.
final class SQLiteLedgerWriter: LedgerWriting {
    let epoch: String
    private(set) var lastSequence: Int64
    private let pool: DatabasePool
    private let touched: TouchedQuarters
    private let statements: WriterStatements
    private var scopes: ScopeRegistry
    private var dimensionSets: DimensionRegistry
    private var keys: KeyIndex
    private var highestNumber: Int64
    private var sums = SumFold()

    /// Continues a ledger; `touched` is told which sums change, before they do.
    init(pool: DatabasePool, epoch: String, touched: TouchedQuarters) throws {
        self.pool = pool
        self.touched = touched
        self.epoch = epoch
        let state = try pool.writeWithoutTransaction { database in
            let statements = try WriterStatements(database)
            try Backfill.runIfPending(database, statements)
            return (
                statements: statements,
                keys: try KeyIndex(database),
                lastSequence: try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM change") ?? 0,
                highestNumber: try Int64.fetchOne(database, sql: "SELECT max(number) FROM charge") ?? 0
            )
        }
        statements = state.statements
        keys = state.keys
        lastSequence = state.lastSequence
        highestNumber = state.highestNumber
        scopes = ScopeRegistry()
        dimensionSets = DimensionRegistry()
    }

    func windows() throws -> [StreamID: UnorderedReceiveWindow] {
        try pool.read { database in
            var windows: [StreamID: UnorderedReceiveWindow] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, watermark, pending FROM stream") {
                guard let stream = StreamID(row[0] as String),
                    let window = UnorderedReceiveWindow(stored: row[1], row[2])
                else { throw StoredValueError(table: "stream") }
                windows[stream] = window
            }
            return windows
        }
    }

    func counters() throws -> [String: Int64] {
        try pool.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT name, value FROM counter")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int64) })
        }
    }

    func commit(_ batch: LedgerBatch, at time: Timestamp) throws -> LedgerCommit {
        var commit = LedgerCommit()
        try pool.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                commit = try store(batch, time, database)
                return .commit
            }
        }
        return commit
    }

    private func store(_ batch: LedgerBatch, _ time: Timestamp, _ database: Database) throws -> LedgerCommit {
        var commit = LedgerCommit()
        commit.changes.reserveCapacity(batch.transactions.count)
        sums.removeAll()
        scopes.beginCommit()
        for transaction in batch.transactions {
            if let reason = try apply(transaction, time, &commit, database) {
                try write(
                    IncomingDeadLetter(
                        stream: transaction.stream, sequence: transaction.sequence, reason: reason,
                        byteCount: transaction.byteCount), time)
                commit.deadLetters += 1
            }
            for record in transaction.reconciliations { try write(record, time) }
        }
        for letter in batch.deadLetters {
            try write(letter, time)
            commit.deadLetters += 1
        }
        for (stream, window) in batch.windows { try write(window, of: stream) }
        try settleScopeCosts()
        try scopes.flush(statements)
        touched.note(sums.touchedQuarters, at: lastSequence)
        try sums.flush(statements)
        try keys.flush(statements)
        try count(batch, commit)
        return commit
    }

    /// Applies a transaction; answers a reason where it contradicts the ledger and was left out whole.
    private func apply(
        _ transaction: IncomingTransaction, _ time: Timestamp, _ commit: inout LedgerCommit, _ database: Database
    ) throws -> String? {
        var accepted: [(index: Int, keyHash: Int64)] = []
        var versions: [Int64: ChargeVersion] = [:]
        for (index, charge) in transaction.charges.enumerated() {
            let entry = charge.entry
            guard entry.facts.isPlausible else { return "count_out_of_range" }
            let keyHash = StoredCharge.hash(of: entry.key)
            let stored = try storedCharge(entry.number)
            // Numbers come from dedupe; another key under a known number means that dedupe lost its database.
            guard stored.map({ $0.keyHash == keyHash }) ?? true else { return "number_conflict" }
            guard entry.version > max(stored?.version ?? .none, versions[entry.number] ?? .none) else { continue }
            if transaction.charges.count > 1 { versions[entry.number] = entry.version }
            accepted.append((index, keyHash))
        }
        commit.stale += transaction.charges.count - accepted.count
        let end = lastSequence + Int64(accepted.count)
        for (index, keyHash) in accepted {
            try apply(transaction.charges[index], keyHash, transactionEnd: end, time, &commit, database)
        }
        return nil
    }

    private func apply(
        _ charge: IncomingCharge, _ keyHash: Int64, transactionEnd: Int64, _ time: Timestamp,
        _ commit: inout LedgerCommit, _ database: Database
    ) throws {
        let entry = charge.entry
        let previous = try storedCharge(entry.number)
        if let previous { try scopes.ensure(previous.scope, database) }
        lastSequence += 1
        let scope = try scopes.find(entry.scope, at: entry.eventTime, statements, database)
        let row = StoredCharge(
            entry, keyHash: keyHash, sequence: lastSequence, scope: scope.id,
            dimensionSet: try dimensionSets.id(of: entry.dimensions, database))
        if previous == nil {
            row.bind(to: statements.insertCharge)
            try statements.insertCharge.run()
            keys.add(number: row.number, hash: keyHash)
            highestNumber = max(highestNumber, row.number)
        } else {
            row.bind(to: statements.replaceCharge)
            try statements.replaceCharge.run()
        }
        let body = Change.json(
            epoch: epoch, sequence: lastSequence, transactionEnd: transactionEnd,
            operation: entry.isRetracted ? .retract : .upsert, reason: entry.reason, recordedTime: time,
            chargeText: charge.text, delta: (previous?.facts ?? .nothing).delta(to: entry.facts))
        statements.insertChange.bind(1, lastSequence)
        statements.insertChange.bind(2, previous?.sequence)
        statements.insertChange.bind(3, body)
        try statements.insertChange.run()
        fold(previous, row, scope.rule)
        commit.changes.append(
            PublishedChange(
                sequence: lastSequence, tenant: entry.scope.tenant, harness: entry.scope.harness, body: body))
        if entry.isRetracted { commit.retractions += 1 }
    }

    private func fold(_ previous: StoredCharge?, _ row: StoredCharge, _ rule: ScopeCostRule) {
        let usage = row.facts.usage(rule)
        if row.facts.marks.contains(.counted) {
            sums.see(row.eventTime.nanoseconds, quarter: row.quarter, dimensionSet: row.dimensionSet)
        }
        scopes.add(costAggregates: row.facts.marks.contains(.carriesScopeCost) ? 1 : 0, to: row.scope)
        guard let previous else {
            sums.add(usage, quarter: row.quarter, scope: row.scope, dimensionSet: row.dimensionSet)
            return
        }
        scopes.add(costAggregates: previous.facts.marks.contains(.carriesScopeCost) ? -1 : 0, to: previous.scope)
        let before = previous.facts.usage(scopes.rule(of: previous.scope))
        sums.subtract(before, quarter: previous.quarter, scope: previous.scope, dimensionSet: previous.dimensionSet)
        sums.add(usage, quarter: row.quarter, scope: row.scope, dimensionSet: row.dimensionSet)
        guard previous.dimensionSet == row.dimensionSet else {
            sums.takeAway(before, dimensionSet: previous.dimensionSet)
            return
        }
        var difference = usage
        difference -= before
        sums.takeAway(difference.takenAway, dimensionSet: row.dimensionSet)
    }

    /// Corrects the `auto` cost of every charge of the sessions whose rule this batch changed.
    ///
    /// All sums of the batch were made under the rule at its beginning, so each session is corrected once.
    private func settleScopeCosts() throws {
        for (scope, old, new) in scopes.changedRules {
            statements.selectScope.bind(1, scope)
            try statements.selectScope.forEachRow { columns in
                let row = StoredCharge(columns)
                let difference =
                    Int128(row.facts.autoCost(new).picodollars) - Int128(row.facts.autoCost(old).picodollars)
                guard difference != 0 else { return }
                var usage = Usage()
                usage.autoCost = AmountTotal(picodollars: difference)
                sums.add(usage, quarter: row.quarter, scope: scope, dimensionSet: row.dimensionSet)
                sums.takeAway(usage.takenAway, dimensionSet: row.dimensionSet)
            }
        }
    }

    private func storedCharge(_ number: Int64) throws -> StoredCharge? {
        guard number <= highestNumber else { return nil }
        var stored: StoredCharge?
        statements.selectCharge.bind(1, number)
        try statements.selectCharge.forEachRow { stored = StoredCharge($0) }
        return stored
    }

    private func write(_ letter: IncomingDeadLetter, _ time: Timestamp) throws {
        statements.insertDeadLetter.bind(1, letter.stream?.description)
        statements.insertDeadLetter.bind(2, letter.sequence)
        statements.insertDeadLetter.bind(3, letter.reason)
        statements.insertDeadLetter.bind(4, letter.field)
        statements.insertDeadLetter.bind(5, Int64(letter.byteCount))
        statements.insertDeadLetter.bind(6, time.nanoseconds)
        try statements.insertDeadLetter.run()
    }

    /// Keeps a reconciliation record, unless a newer one of its scope came first: pricing may change their order.
    private func write(_ record: IncomingReconciliation, _ time: Timestamp) throws {
        statements.keepReconciliation.bind(1, record.scope.session)
        statements.keepReconciliation.bind(2, record.scope.harness.rawValue)
        statements.keepReconciliation.bind(3, record.scope.tenant)
        statements.keepReconciliation.bind(4, record.scope.isSessionKnown ? 1 : 0)
        statements.keepReconciliation.bind(5, record.revision)
        statements.keepReconciliation.bind(6, time.nanoseconds)
        statements.keepReconciliation.bind(7, record.text)
        try statements.keepReconciliation.run()
    }

    private func write(_ window: UnorderedReceiveWindow, of stream: StreamID) throws {
        statements.upsertStream.bind(1, stream.description)
        statements.upsertStream.bind(2, window.watermark)
        statements.upsertStream.bind(3, window.storedPending)
        try statements.upsertStream.run()
    }

    private func count(_ batch: LedgerBatch, _ commit: LedgerCommit) throws {
        for counter in DeliveryCounter.allCases {
            let count = counter.count(batch, commit)
            guard count != 0 else { continue }
            statements.addToCounter.bind(1, counter.rawValue)
            statements.addToCounter.bind(2, Int64(count))
            try statements.addToCounter.run()
        }
    }
}

/// A stored value that no release of this service wrote.
struct StoredValueError: Error, CustomStringConvertible {
    let table: String

    var description: String { "the table \(table) holds a value that cannot be read; restore the ledger from a backup" }
}
