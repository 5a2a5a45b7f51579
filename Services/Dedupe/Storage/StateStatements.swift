import GRDB
import Metering

/// The statements the state runs, prepared once.
struct StateStatements {
    let findKey, bindKey, findCall, keepCall: PreparedStatement
    let findScope, keepScope, unsettledScopes: PreparedStatement
    let findSeries, insertSeries, insertPoint, pointBefore, pointAfter: PreparedStatement
    let findAggregate, keepAggregate: PreparedStatement
    let allAggregates, waitingAggregates, publishedAggregates: PreparedStatement

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> PreparedStatement { try PreparedStatement(database, sql) }
        findKey = try prepare("SELECT mark, call FROM call_key WHERE slot = ?")
        bindKey = try prepare("INSERT OR IGNORE INTO call_key (slot, mark, call) VALUES (?, ?, ?)")
        findCall = try prepare("SELECT survivor, record FROM call WHERE number = ?")
        keepCall = try prepare("INSERT OR REPLACE INTO call (number, survivor, record) VALUES (?, ?, ?)")
        findScope = try prepare(
            """
            SELECT id, owned, is_unsettled, published_aggregates, books FROM scope
            WHERE session = ? AND harness = ? AND tenant = ? AND is_session_known = ?
            """)
        keepScope = try prepare(
            """
            INSERT INTO scope (
                id, tenant, harness, session, is_session_known, owned, is_unsettled, published_aggregates, books)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                owned = excluded.owned, is_unsettled = excluded.is_unsettled,
                published_aggregates = excluded.published_aggregates, books = excluded.books
            """)
        unsettledScopes = try prepare(
            "SELECT tenant, harness, session, is_session_known FROM scope WHERE is_unsettled = 1")
        findSeries = try prepare("SELECT id FROM series WHERE scope = ? AND name = ?")
        insertSeries = try prepare("INSERT INTO series (id, scope, name) VALUES (?, ?, ?)")
        insertPoint = try prepare("INSERT OR IGNORE INTO point (series, start, end, value) VALUES (?, ?, ?, ?)")
        pointBefore = try prepare(
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND (end, value) < (?, ?)
            ORDER BY end DESC, value DESC LIMIT 1
            """)
        pointAfter = try prepare(
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND (end, value) > (?, ?)
            ORDER BY end, value LIMIT 1
            """)
        findAggregate = try prepare(
            "SELECT id, record FROM aggregate WHERE scope = ? AND point_group = ? AND hour = ?")
        keepAggregate = try prepare(
            """
            INSERT INTO aggregate (id, scope, point_group, hour, is_waiting, is_published, record)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                is_waiting = excluded.is_waiting, is_published = excluded.is_published, record = excluded.record
            """)
        allAggregates = try prepare("SELECT point_group, hour FROM aggregate WHERE scope = ?")
        waitingAggregates = try prepare(
            "SELECT point_group, hour FROM aggregate WHERE scope = ? AND is_waiting = 1")
        publishedAggregates = try prepare(
            "SELECT point_group, hour FROM aggregate WHERE scope = ? AND is_published = 1")
    }

    /// The id after the last one of a table of ours.
    func nextID(of table: String, in database: Database) throws -> Int64 {
        try PreparedStatement(database, "SELECT ifnull(max(id), 0) + 1 FROM \(table)").first { $0.integer(0) } ?? 1
    }
}

extension ContentID {
    /// The 16 bytes, for a column.
    var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
    }
}
