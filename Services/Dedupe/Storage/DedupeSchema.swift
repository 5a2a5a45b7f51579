import GRDB

/// The tables of dedupe's database, as migrations that are never edited once released.
enum DedupeSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 calls, scopes, counters and streams") { database in
            try database.execute(sql: calls + counters + delivery)
        }
        return migrator
    }

    /// Keys find calls by 128 bits of their fingerprint: 64 choose the row, 64 tell two keys of one row apart.
    private static let calls = """
        CREATE TABLE call (
            number INTEGER PRIMARY KEY,
            survivor INTEGER,
            record BLOB
        ) STRICT;
        CREATE TABLE call_key (
            slot INTEGER PRIMARY KEY,
            mark INTEGER NOT NULL,
            call INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE scope (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            harness TEXT NOT NULL,
            session TEXT NOT NULL,
            is_session_known INTEGER NOT NULL,
            owned INTEGER NOT NULL,
            is_unsettled INTEGER NOT NULL,
            published_aggregates INTEGER NOT NULL,
            books BLOB NOT NULL,
            UNIQUE (session, harness, tenant, is_session_known)
        ) STRICT;
        CREATE INDEX scope_unsettled ON scope (id) WHERE is_unsettled = 1;

        """

    private static let counters = """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            scope INTEGER NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (scope, name)
        ) STRICT;
        CREATE TABLE point (
            series INTEGER NOT NULL,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL,
            value INTEGER NOT NULL,
            PRIMARY KEY (series, start, end, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE aggregate (
            id INTEGER PRIMARY KEY,
            scope INTEGER NOT NULL,
            point_group BLOB NOT NULL,
            hour INTEGER NOT NULL,
            is_waiting INTEGER NOT NULL,
            is_published INTEGER NOT NULL,
            record BLOB NOT NULL,
            UNIQUE (scope, point_group, hour)
        ) STRICT;
        CREATE INDEX aggregate_waiting ON aggregate (scope) WHERE is_waiting = 1;
        CREATE INDEX aggregate_published ON aggregate (scope) WHERE is_published = 1;

        """

    private static let delivery = """
        CREATE TABLE stream (
            id TEXT PRIMARY KEY,
            watermark INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE gap (
            id INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            noticed_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE dead_letter (
            id INTEGER PRIMARY KEY,
            letter BLOB NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            harness TEXT,
            channel TEXT,
            field TEXT,
            size INTEGER,
            refused_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE outbox (
            sequence INTEGER PRIMARY KEY,
            event BLOB NOT NULL
        ) STRICT;
        CREATE TABLE tally (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            stream TEXT NOT NULL,
            secret BLOB NOT NULL,
            next_call INTEGER NOT NULL,
            next_event INTEGER NOT NULL
        ) STRICT;

        """
}
