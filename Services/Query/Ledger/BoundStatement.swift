import GRDB
import GRDBSQLite

/// A prepared statement of the writer's connection, driven through SQLite's own interface.
///
/// GRDB boxes every argument; at a hundred thousand charges a second that is most of the time. The statement belongs to
/// GRDB's cache and must be used inside the writer's access alone.
struct BoundStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        guard let connection = database.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        self.connection = connection
    }

    /// Binds a number to a place, counted from 1.
    func bind(_ place: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(handle, place, value) } else { sqlite3_bind_null(handle, place) }
    }

    /// Binds a text.
    func bind(_ place: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(handle, place)
            return
        }
        value.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(handle, place, $0.baseAddress, Int32($0.count), Self.copied)
            }
        }
    }

    /// Binds bytes.
    func bind(_ place: Int32, _ value: [UInt8]) {
        value.withUnsafeBytes {
            _ = sqlite3_bind_blob(handle, place, $0.baseAddress, Int32($0.count), Self.copied)
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw failure(code) }
    }

    /// Runs a query and reads every row.
    func forEachRow(_ read: (borrowing Columns) throws -> Void) throws {
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try read(Columns(handle: handle))
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    /// The columns of the row a query stands on.
    struct Columns: ~Copyable {
        fileprivate let handle: OpaquePointer

        /// A number.
        func integer(_ place: Int32) -> Int64 { sqlite3_column_int64(handle, place) }

        /// A number or none.
        func optionalInteger(_ place: Int32) -> Int64? {
            sqlite3_column_type(handle, place) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, place)
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
    }

    /// SQLite's mark for "make a copy".
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
