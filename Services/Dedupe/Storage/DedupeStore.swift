import GRDB
import Metering
import Pipeline
import Reconciliation
import Storage
import Wire

/// Dedupe's database: reconciliation state, stream watermarks, outbox, dead letters and counters, committed together.
///
/// Used by the thread of its stage alone. After a failed commit nothing may be used any more: memory is ahead of the
/// disk. The process exits and recovers.
final class DedupeStore {
    /// The calls that wait for the ledger.
    let outbox: StoredOutbox
    /// What became of everything so far, as of the last commit.
    private(set) var tally: Tally
    private let pool: DatabasePool
    private let lock: any DirectoryLock
    private let state: StoredState
    private let statements: DeliveryStatements
    private let policy: ResidualPolicy
    private var windows: [StreamID: OrderedReceiveWindow]

    /// Opens the database in a folder, and keeps every other process away from it.
    ///
    /// - Parameter policy: what is done with residuals; where it was another before, every session is looked at again.
    /// - Throws: `FolderInUse` when another process has it, `StorageError` when it cannot be used.
    init(folder: String, policy: ResidualPolicy = .authority, capacity: StoredState.Capacity = .init()) throws {
        self.policy = policy
        lock = try PosixDisk().claim(folder, for: "tollbook-dedupe")
        let pool = try DurableDatabase.open(path: folder + "/dedupe.sqlite", migrator: DedupeSchema.migrator)
        self.pool = pool
        (statements, state, outbox, windows, tally) = try pool.writeWithoutTransaction { database in
            // Keys touch pages all over their table: the longer the log, the fewer pages are written twice.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 16384")
            let statements = try DeliveryStatements(database)
            let identity = try statements.identity()
            try statements.keep(policy)
            return (
                statements,
                try StoredState(database, secret: identity.secret, nextCall: identity.nextCall, capacity: capacity),
                try StoredOutbox(database, pool: pool, stream: identity.stream, next: identity.nextEvent),
                try statements.windows(), try statements.tally()
            )
        }
    }

    /// How many records the state holds in memory.
    var cachedRecords: Int { state.cachedRecords }

    /// Scopes whose aggregates wait to be settled.
    func unsettledScopes() throws -> [Scope] {
        try pool.writeWithoutTransaction { _ in try state.unsettledScopes() }
    }

    /// Scopes changed by the last commit whose reconciliation consumers may not know.
    var unreported: [Scope] { state.unreported }

    /// Some of all scopes whose reconciliation consumers may not know.
    func unreportedScopes(limit: Int) throws -> [Scope] {
        try pool.writeWithoutTransaction { _ in try state.unreportedScopes(limit: limit) }
    }

    /// How many bytes the records of calls take.
    func callBytes() throws -> Int64 {
        try pool.read { database in
            try PreparedStatement(database, "SELECT ifnull(sum(length(record)), 0) FROM call").first { $0.integer(0) }
                ?? 0
        }
    }

    /// Leaves out of calls whose scopes rest since a day what nothing needs any more, a few in one transaction.
    ///
    /// - Returns: where to go on; `nil` at the end.
    func compact(restingSince day: Int64, after number: CallNumber, limit: Int) throws -> CallNumber? {
        var last: CallNumber?
        try commit { _ in last = try state.compactCalls(restingSince: day, after: number, limit: limit) }
        return last
    }

    /// Applies everything a commit covers and makes it durable, all or nothing.
    ///
    /// - Parameter time: the wall clock, by which scopes that rest are told from others.
    func commit(at time: Timestamp = Timestamp(nanoseconds: 0), _ body: (inout Commit) throws -> Void) throws {
        try pool.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                if time.seconds > 0 { try state.begin(day: time.seconds / 86_400) }
                var commit = Commit(
                    reconciler: Reconciler(state: state, policy: policy), outbox: outbox, statements: statements,
                    windows: windows,
                    tally: tally)
                try body(&commit)
                try state.flush()
                try statements.keep(commit.tally, before: tally)
                try statements.keep(nextCall: state.nextCall, nextEvent: try outbox.flush())
                windows = commit.windows
                tally = commit.tally
                return .commit
            }
        }
        outbox.didCommit()
        state.age()
    }

    /// Everything up to and including this number of a stream is durable.
    func watermark(of stream: StreamID) -> SequenceNumber { windows[stream]?.watermark ?? 0 }
}
