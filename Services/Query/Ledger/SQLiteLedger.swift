import FoundationEssentials
import GRDB
import Storage
import Synchronization

/// The ledger in a SQLite database: opens it, and reads it on connections of their own.
final class SQLiteLedger: Sendable {
    let epoch: String
    let pool: DatabasePool
    let dimensions = DimensionCache()
    let cubes = DayCubes()
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
        try SQLiteLedgerWriter(pool: pool, epoch: epoch, touched: touched)
    }
}
