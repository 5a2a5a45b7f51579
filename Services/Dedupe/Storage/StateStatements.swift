import GRDB
import Metering

/// The statements the state runs, prepared once.
struct StateStatements {
    let findKey, bindKey, findCall, keepCall: PreparedStatement
    let findScope, keepScope, unsettledScopes, unreportedScopes: PreparedStatement
    let restingCalls, compactCall, markDay, findMark, touchedScope: PreparedStatement
    let findSeries, insertSeries, insertPoint, pointBefore, pointAfter: PreparedStatement
    let pointsBetween, firstAbove, highestReading, insertTotal, findPlace: PreparedStatement
    let insertBaseline, baselines, forks: PreparedStatement
    let findFields, keepFields, findGroup, keepGroup, dropGroup: PreparedStatement
    let findAggregate, keepAggregate: PreparedStatement
    let allAggregates, waitingAggregates, publishedAggregates: PreparedStatement

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> PreparedStatement { try PreparedStatement(database, sql) }
        findKey = try prepare("SELECT mark, call FROM call_key WHERE slot = ?")
        bindKey = try prepare("INSERT OR IGNORE INTO call_key (slot, mark, call) VALUES (?, ?, ?)")
        findCall = try prepare("SELECT survivor, record FROM call WHERE number = ?")
        keepCall = try prepare("INSERT OR REPLACE INTO call (number, survivor, record) VALUES (?, ?, ?)")
        restingCalls = try prepare(
            """
            SELECT number FROM call WHERE number > ? AND number < ? AND is_compact = 0 AND record IS NOT NULL
            ORDER BY number LIMIT ?
            """)
        compactCall = try prepare("UPDATE call SET record = ?, is_compact = 1 WHERE number = ?")
        markDay = try prepare("INSERT OR IGNORE INTO day_mark (day, next_call) VALUES (?, ?)")
        findMark = try prepare("SELECT next_call FROM day_mark WHERE day >= ? ORDER BY day LIMIT 1")
        touchedScope = try prepare("SELECT touched FROM scope WHERE id = ?")
        findScope = try prepare(
            """
            SELECT id, owned, is_unsettled, published_aggregates, books, families, is_unreported, report_revision,
                reported
            FROM scope
            WHERE session = ? AND harness = ? AND tenant = ? AND is_session_known = ?
            """)
        keepScope = try prepare(
            """
            INSERT INTO scope (
                id, tenant, harness, session, is_session_known, owned, is_unsettled, published_aggregates, books,
                families, is_unreported, report_revision, reported, touched)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                owned = excluded.owned, is_unsettled = excluded.is_unsettled,
                published_aggregates = excluded.published_aggregates, books = excluded.books,
                families = excluded.families, is_unreported = excluded.is_unreported,
                report_revision = excluded.report_revision, reported = excluded.reported,
                touched = excluded.touched
            """)
        unsettledScopes = try prepare(
            "SELECT tenant, harness, session, is_session_known FROM scope WHERE is_unsettled = 1")
        unreportedScopes = try prepare(
            "SELECT tenant, harness, session, is_session_known FROM scope WHERE is_unreported = 1 LIMIT ?")
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
        // Totals that never fall back keep their value where others keep their end.
        pointsBetween = try prepare(
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND end > ? AND end <= ? ORDER BY end, value
            """)
        firstAbove = try prepare(
            "SELECT end, value FROM point WHERE series = ? AND start = ? AND end > ? ORDER BY end, value LIMIT 1")
        highestReading = try prepare(
            """
            SELECT max(point.end) FROM total JOIN point ON point.series = total.series
            WHERE total.high = ? AND total.low = ? AND point.value <= ?
            """)
        insertTotal = try prepare("INSERT OR IGNORE INTO total (high, low, series) VALUES (?, ?, ?)")
        findPlace = try prepare(
            """
            SELECT series.name, scope.tenant, scope.harness, scope.session, scope.is_session_known
            FROM series JOIN scope ON scope.id = series.scope WHERE series.id = ?
            """)
        insertBaseline = try prepare(
            "INSERT OR IGNORE INTO baseline (fork, parent, at, high, low) VALUES (?, ?, ?, ?, ?)")
        baselines = try prepare("SELECT parent, at FROM baseline WHERE fork = ?")
        forks = try prepare("SELECT DISTINCT fork FROM baseline WHERE high = ? AND low = ? AND at >= ?")
        findFields = try prepare("SELECT fields FROM source_hour WHERE high = ? AND low = ? AND hour = ?")
        keepFields = try prepare(
            "INSERT OR REPLACE INTO source_hour (high, low, hour, fields) VALUES (?, ?, ?, ?)")
        findGroup = try prepare("SELECT members FROM pairing WHERE high = ? AND low = ?")
        keepGroup = try prepare("INSERT OR REPLACE INTO pairing (high, low, members) VALUES (?, ?, ?)")
        dropGroup = try prepare("DELETE FROM pairing WHERE high = ? AND low = ?")
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
