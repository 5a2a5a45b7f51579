import FoundationEssentials
import GRDB
import Storage
import Synchronization

/// The ledger in a SQLite database: opens it, and reads it on connections of their own.
final class SQLiteLedger: Sendable {
    let epoch: String
    let pool: DatabasePool
    let dimensions = DimensionCache()
    private let cubes = DayCubes()
    private let hasWriter = Atomic<Bool>(false)
    let touched = TouchedQuarters()

    /// Opens, or makes, a ledger.
    ///
    /// - Throws: `StorageError` when the file cannot be used.
    init(path: String) throws {
        let migrator = LedgerSchema.migrator { UUID().uuidString.lowercased() }
        pool = try DurableDatabase.open(path: path, migrator: migrator)
        guard let epoch = try pool.read({ try String.fetchOne($0, sql: "SELECT epoch FROM ledger") }) else {
            throw StorageError(path: path, cause: "the ledger has no epoch; restore it from a backup")
        }
        self.epoch = epoch
    }

    /// Makes the writer; there must be one only, on the stage's thread.
    func makeWriter() throws -> SQLiteLedgerWriter {
        let writer = try SQLiteLedgerWriter(pool: pool, epoch: epoch, touched: touched)
        hasWriter.store(true, ordering: .releasing)
        return writer
    }

    /// The sums in memory, to be asked for before the database is read; `nil` before there is a writer, whose first act may be
    /// to fill in what an older release did not know, under the number of the last change.
    var currentCubes: DayCubes? { hasWriter.load(ordering: .acquiring) ? cubes : nil }
}
