import GRDB
import GRDBSQLite

/// A statement that is prepared once and run many times with values of known types.
///
/// Binds and reads through SQLite's own calls: a commit runs thousands of statements, and boxing each value costs more
/// than the insert.
final class PreparedStatement {
    // Keeps the prepared statement alive.
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    /// Runs the statement to its end.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run<each Value: SQLValue>(_ values: repeat each Value) throws -> Int {
        try rows(repeat each values) { _ in }
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    /// Runs the statement and reads its first row.
    func first<each Value: SQLValue, Result>(
        _ values: repeat each Value, read: (SQLRow) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try rows(repeat each values) { row in
            if result == nil { result = try read(row) }
        }
        return result
    }

    /// Runs the statement and reads every row.
    func rows<each Value: SQLValue>(_ values: repeat each Value, read: (SQLRow) throws -> Void) throws {
        var index: Int32 = 1
        for value in repeat each values {
            guard value.bind(to: handle, at: index) == SQLITE_OK else { throw fault() }
            index += 1
        }
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try read(SQLRow(handle: handle))
            case SQLITE_DONE: return
            default: throw fault()
            }
        }
    }

    private func fault() -> DatabaseError {
        let connection = sqlite3_db_handle(handle)
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: String(cString: sqlite3_errmsg(connection)), sql: statement.sql)
    }
}

/// The row a statement stands at.
struct SQLRow {
    fileprivate let handle: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}

/// A value that can be given to a statement.
protocol SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

// SQLite is to copy what it is given: the value may be gone before the statement runs.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Bool: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}

extension String: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { buffer in
            guard let start = UnsafeRawPointer(buffer.baseAddress) else {
                return sqlite3_bind_text(statement, index, "", 0, copied)
            }
            let characters = start.assumingMemoryBound(to: CChar.self)
            return sqlite3_bind_text(statement, index, characters, Int32(buffer.count), copied)
        }
    }
}

extension [UInt8]: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return sqlite3_bind_blob(statement, index, start, Int32(buffer.count), copied)
        }
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .some(let value): value.bind(to: statement, at: index)
        case .none: sqlite3_bind_null(statement, index)
        }
    }
}
