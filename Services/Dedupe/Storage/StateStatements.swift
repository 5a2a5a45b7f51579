import GRDB
import Metering

/// The statements the state runs, prepared once.
struct StateStatements {
    let calls: CallStatements
    let scopes: ScopeStatements
    let points: PointStatements
    let sources: SourceStatements
    let aggregates: AggregateStatements

    init(_ database: Database) throws {
        calls = try CallStatements(database)
        scopes = try ScopeStatements(database)
        points = try PointStatements(database)
        sources = try SourceStatements(database)
        aggregates = try AggregateStatements(database)
    }

    /// The id after the last one of a table of ours.
    func nextID(of table: String, in database: Database) throws -> Int64 {
        try PreparedStatement(database, "SELECT ifnull(max(id), 0) + 1 FROM \(table)").first { $0.integer(0) } ?? 1
    }
}

/// Calls, their keys, and the call that each day began with.
struct CallStatements {
    let findKey, bindKey, find, keep, resting, compact, markDay, findMark: PreparedStatement

    init(_ database: Database) throws {
        findKey = try PreparedStatement(database, "SELECT mark, call FROM call_key WHERE slot = ?")
        bindKey = try PreparedStatement(database, "INSERT OR IGNORE INTO call_key (slot, mark, call) VALUES (?, ?, ?)")
        find = try PreparedStatement(database, "SELECT survivor, record FROM call WHERE number = ?")
        keep = try PreparedStatement(
            database, "INSERT OR REPLACE INTO call (number, survivor, record) VALUES (?, ?, ?)")
        resting = try PreparedStatement(
            database,
            """
            SELECT number FROM call WHERE number > ? AND number < ? AND is_compact = 0 AND record IS NOT NULL
            ORDER BY number LIMIT ?
            """)
        compact = try PreparedStatement(database, "UPDATE call SET record = ?, is_compact = 1 WHERE number = ?")
        markDay = try PreparedStatement(database, "INSERT OR IGNORE INTO day_mark (day, next_call) VALUES (?, ?)")
        findMark = try PreparedStatement(database, "SELECT next_call FROM day_mark WHERE day >= ? ORDER BY day LIMIT 1")
    }
}

/// Scopes: a session of a harness each, or what came without one.
struct ScopeStatements {
    let find, keep, unsettled, unreported, touched: PreparedStatement

    init(_ database: Database) throws {
        find = try PreparedStatement(
            database,
            """
            SELECT id, owned, is_unsettled, published_aggregates, books, families, is_unreported, report_revision,
                reported
            FROM scope
            WHERE session = ? AND harness = ? AND tenant = ? AND is_session_known = ?
            """)
        keep = try PreparedStatement(
            database,
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
        unsettled = try PreparedStatement(
            database, "SELECT tenant, harness, session, is_session_known FROM scope WHERE is_unsettled = 1")
        unreported = try PreparedStatement(
            database, "SELECT tenant, harness, session, is_session_known FROM scope WHERE is_unreported = 1 LIMIT ?")
        touched = try PreparedStatement(database, "SELECT touched FROM scope WHERE id = ?")
    }
}

/// Points of counters, by their series.
struct PointStatements {
    let findSeries, insertSeries, insert, before, after, between, firstAbove, highestReading, insertTotal,
        findPlace: PreparedStatement

    init(_ database: Database) throws {
        findSeries = try PreparedStatement(database, "SELECT id FROM series WHERE scope = ? AND name = ?")
        insertSeries = try PreparedStatement(database, "INSERT INTO series (id, scope, name) VALUES (?, ?, ?)")
        insert = try PreparedStatement(
            database, "INSERT OR IGNORE INTO point (series, start, end, value) VALUES (?, ?, ?, ?)")
        before = try PreparedStatement(
            database,
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND (end, value) < (?, ?)
            ORDER BY end DESC, value DESC LIMIT 1
            """)
        after = try PreparedStatement(
            database,
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND (end, value) > (?, ?)
            ORDER BY end, value LIMIT 1
            """)
        // Totals that never fall back keep their value where others keep their end.
        between = try PreparedStatement(
            database,
            """
            SELECT end, value FROM point WHERE series = ? AND start = ? AND end > ? AND end <= ? ORDER BY end, value
            """)
        firstAbove = try PreparedStatement(
            database,
            "SELECT end, value FROM point WHERE series = ? AND start = ? AND end > ? ORDER BY end, value LIMIT 1")
        highestReading = try PreparedStatement(
            database,
            """
            SELECT max(point.end) FROM total JOIN point ON point.series = total.series
            WHERE total.high = ? AND total.low = ? AND point.value <= ?
            """)
        insertTotal = try PreparedStatement(
            database, "INSERT OR IGNORE INTO total (high, low, series) VALUES (?, ?, ?)")
        findPlace = try PreparedStatement(
            database,
            """
            SELECT series.name, scope.tenant, scope.harness, scope.session, scope.is_session_known
            FROM series JOIN scope ON scope.id = series.scope WHERE series.id = ?
            """)
    }
}

/// What ties sources to each other: baselines of forks, owners of fields, pairs of channels.
struct SourceStatements {
    let insertBaseline, baselines, forks, findFields, keepFields, findGroup, keepGroup, dropGroup: PreparedStatement

    init(_ database: Database) throws {
        insertBaseline = try PreparedStatement(
            database, "INSERT OR IGNORE INTO baseline (fork, parent, at, high, low) VALUES (?, ?, ?, ?, ?)")
        baselines = try PreparedStatement(database, "SELECT parent, at FROM baseline WHERE fork = ?")
        forks = try PreparedStatement(
            database, "SELECT DISTINCT fork FROM baseline WHERE high = ? AND low = ? AND at >= ?")
        findFields = try PreparedStatement(
            database, "SELECT fields FROM source_hour WHERE high = ? AND low = ? AND hour = ?")
        keepFields = try PreparedStatement(
            database, "INSERT OR REPLACE INTO source_hour (high, low, hour, fields) VALUES (?, ?, ?, ?)")
        findGroup = try PreparedStatement(database, "SELECT members FROM pairing WHERE high = ? AND low = ?")
        keepGroup = try PreparedStatement(
            database, "INSERT OR REPLACE INTO pairing (high, low, members) VALUES (?, ?, ?)")
        dropGroup = try PreparedStatement(database, "DELETE FROM pairing WHERE high = ? AND low = ?")
    }
}

/// Aggregates: what counters say beyond the calls.
struct AggregateStatements {
    let find, keep, all, waiting, published: PreparedStatement

    init(_ database: Database) throws {
        find = try PreparedStatement(
            database, "SELECT id, record FROM aggregate WHERE scope = ? AND point_group = ? AND hour = ?")
        keep = try PreparedStatement(
            database,
            """
            INSERT INTO aggregate (id, scope, point_group, hour, is_waiting, is_published, record)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                is_waiting = excluded.is_waiting, is_published = excluded.is_published, record = excluded.record
            """)
        all = try PreparedStatement(database, "SELECT point_group, hour FROM aggregate WHERE scope = ?")
        waiting = try PreparedStatement(
            database, "SELECT point_group, hour FROM aggregate WHERE scope = ? AND is_waiting = 1")
        published = try PreparedStatement(
            database, "SELECT point_group, hour FROM aggregate WHERE scope = ? AND is_published = 1")
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
