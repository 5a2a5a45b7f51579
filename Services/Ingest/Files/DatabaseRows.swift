import GRDB

/// Reads the rows of a session database, which its agent may be writing at the same time.
public enum DatabaseRows {
    /// Why a database cannot be read.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// SQLite's own words, without a path or a value.
        public let description: String
    }

    /// Reads all rows of the queries and hands them over in parts, as lines.
    ///
    /// Builds of an agent differ in their tables: a query is left out where one that it reads is not there.
    ///
    /// - Parameters:
    ///   - path: the database file.
    ///   - queries: each gives rows of one text.
    ///   - take: takes some lines.
    public static func read(
        _ path: String, queries: [String], _ take: (_ lines: [UInt8]) -> Void
    ) throws(Failure) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(2)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            try queue.read { database in
                let known = try queries.filter { try hasTables(of: $0, in: database) }
                guard !known.isEmpty else { throw Failure(description: "it has none of the tables that are read") }
                for query in known { try rows(of: query, in: database, take) }
            }
        } catch let failure as Failure {
            throw failure
        } catch let error as DatabaseError {
            throw Failure(description: "SQLite error \(error.extendedResultCode.rawValue)")
        } catch {
            throw Failure(description: "\(type(of: error))")
        }
    }

    private static func hasTables(of query: String, in database: Database) throws -> Bool {
        do {
            _ = try database.makeStatement(sql: query)
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            guard error.message?.hasPrefix("no such table: ") == true else { throw error }
            return false
        }
    }

    private static func rows(of query: String, in database: Database, _ take: ([UInt8]) -> Void) throws {
        var lines: [UInt8] = []
        let rows = try Row.fetchCursor(database, sql: query)
        while let row = try rows.next() {
            guard let text = String.fromDatabaseValue(row[0] as DatabaseValue) else { continue }
            // A row may be written over several lines; as one it has none.
            lines.append(contentsOf: text.utf8.lazy.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 })
            lines.append(UInt8(ascii: "\n"))
            guard lines.count >= LineReader.partBytes else { continue }
            take(lines)
            lines.removeAll(keepingCapacity: true)
        }
        if !lines.isEmpty { take(lines) }
    }
}
