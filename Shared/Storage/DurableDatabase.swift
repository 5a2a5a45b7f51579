public import GRDB

/// Opens SQLite databases the way money needs: write-ahead log, every commit synced, one writer, strict checks.
public enum DurableDatabase {
    /// Up to this size a database is looked through whole when it is opened, which takes a tenth of a second.
    ///
    /// Beyond it a start would take longer the more there is (ten seconds for two gigabytes), after every crash. What is
    /// damaged there shows when it is read, and in every backup, which is looked through whole.
    public static let checkedBytes: Int64 = 64 << 20

    /// Opens, or makes, a database that one process writes and many threads read.
    ///
    /// - Parameters:
    ///   - path: The database file; its directory must exist.
    ///   - migrator: The schema, as named migrations that are never edited.
    ///   - readers: The most readers at a time.
    ///   - cacheKibibytes: Page cache of each connection.
    ///   - checkedBytes: The largest database that is looked through whole.
    /// - Throws: `StorageError` when the file cannot be opened, is damaged, or was made by a newer release.
    public static func open(
        path: String, migrator: DatabaseMigrator, readers: Int = 4, cacheKibibytes: Int = 65_536,
        checkedBytes: Int64 = checkedBytes
    ) throws(StorageError) -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try check(pool, migrator, checkedBytes)
            try migrator.migrate(pool)
            // DatabasePool sets NORMAL when it turns the write-ahead log on; a commit must survive a power loss.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            return pool
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(path: path, cause: "\(error)")
        }
    }

    private static func check(_ pool: DatabasePool, _ migrator: DatabaseMigrator, _ checkedBytes: Int64) throws {
        let (isSuperseded, report) = try pool.read { database in
            let size =
                try Int64.fetchOne(
                    database, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") ?? 0
            let report = size <= checkedBytes ? try String.fetchOne(database, sql: "PRAGMA quick_check(1)") : "ok"
            return (try migrator.hasBeenSuperseded(database), report)
        }
        guard report == "ok" else {
            throw StorageError(
                path: pool.path, cause: "the database is damaged (\(report ?? "no answer")); restore it from a backup")
        }
        guard !isSuperseded else {
            throw StorageError(
                path: pool.path, cause: "the database was made by a newer release of Tollbook; install that release")
        }
    }
}

/// Why a database could not be used.
public struct StorageError: Error, CustomStringConvertible {
    /// The database file.
    public let path: String
    /// What is wrong and what to do.
    public let cause: String

    /// Makes an error about a database file.
    public init(path: String, cause: String) {
        self.path = path
        self.cause = cause
    }

    /// One line that names the file and the fault.
    public var description: String { "database \(path): \(cause)" }
}
