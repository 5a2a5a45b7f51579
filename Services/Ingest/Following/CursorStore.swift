import FileReading
import GRDB
import Glibc
import Logging
import Storage

/// Keeps cursors over restarts.
///
/// They save work and decide nothing: a file whose cursor is lost is read again, and counts nothing twice. So a store that
/// fails is reported and done without.
struct CursorStore {
    private let pool: DatabasePool

    /// Opens the store in ingest's folder; a damaged one is replaced.
    init(folder: String, logger: Logger) throws(StorageError) {
        let path = folder + "/following.sqlite"
        do throws(StorageError) {
            pool = try Self.open(path)
        } catch {
            logger.warning("cursors of session files are begun anew", metadata: ["error": "\(error)"])
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            pool = try Self.open(path)
        }
    }

    private static func open(_ path: String) throws(StorageError) -> DatabasePool {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 cursors") { database in
            try database.execute(
                sql: """
                    CREATE TABLE cursor (
                        device INTEGER NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL,
                        head_length INTEGER NOT NULL, head INTEGER NOT NULL,
                        tail_length INTEGER NOT NULL, tail INTEGER NOT NULL,
                        seen_size INTEGER, seen_modified INTEGER,
                        PRIMARY KEY (device, inode)
                    ) STRICT, WITHOUT ROWID
                    """)
        }
        return try DurableDatabase.open(path: path, migrator: migrator, readers: 1, cacheKibibytes: 1024)
    }

    /// All cursors.
    func load() throws -> [FileIdentity: FileCursor] {
        try pool.read { database in
            var cursors: [FileIdentity: FileCursor] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT device, inode, offset, head_length, head, tail_length, tail, seen_size, seen_modified
                    FROM cursor
                    """)
            while let row = try rows.next() {
                let identity = FileIdentity(
                    device: UInt64(bitPattern: row[0] as Int64), inode: UInt64(bitPattern: row[1] as Int64))
                var seen: FileCursor.Seen?
                if let size = row[7] as Int64?, let modified = row[8] as Int64? {
                    seen = FileCursor.Seen(size: size, modified: modified)
                }
                cursors[identity] = FileCursor(
                    offset: row[2], head: Fingerprint(length: row[3], hash: UInt64(bitPattern: row[4] as Int64)),
                    tail: Fingerprint(length: row[5], hash: UInt64(bitPattern: row[6] as Int64)), seen: seen)
            }
            return cursors
        }
    }

    /// Keeps cursors that moved and forgets those of files that are gone, in one transaction.
    func save(_ cursors: [FileIdentity: FileCursor], forgetting gone: some Sequence<FileIdentity>) throws {
        try pool.write { database in
            let put = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            for (identity, cursor) in cursors {
                try put.execute(arguments: [
                    Int64(bitPattern: identity.device), Int64(bitPattern: identity.inode), cursor.offset,
                    cursor.head.length, Int64(bitPattern: cursor.head.hash), cursor.tail.length,
                    Int64(bitPattern: cursor.tail.hash), cursor.seen?.size, cursor.seen?.modified,
                ])
            }
            let remove = try database.cachedStatement(sql: "DELETE FROM cursor WHERE device = ? AND inode = ?")
            for identity in gone {
                try remove.execute(arguments: [
                    Int64(bitPattern: identity.device), Int64(bitPattern: identity.inode),
                ])
            }
        }
    }

    /// Closes the store.
    func close() {
        try? pool.close()
    }
}
