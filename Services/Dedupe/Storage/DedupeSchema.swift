import GRDB

/// The tables of dedupe's database, as migrations that are never edited once released.
enum DedupeSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 calls, scopes, counters and streams") { database in
            try database.execute(sql: calls + counters + delivery)
        }
        migrator.registerMigration("2 families, forks, sources, pairings and reports") { database in
            try database.execute(sql: aggregates)
        }
        migrator.registerMigration("3 compaction") { database in
            try database.execute(sql: compaction)
        }
        migrator.registerMigration("4 policy") { database in
            try database.execute(sql: "ALTER TABLE identity ADD COLUMN policy TEXT NOT NULL DEFAULT 'authority'")
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

    /// Totals find their series over all scopes by 128 bits of a fingerprint, as do sources and pairings.
    private static let aggregates = """
        ALTER TABLE scope ADD COLUMN families BLOB;
        ALTER TABLE scope ADD COLUMN is_unreported INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE scope ADD COLUMN report_revision INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scope ADD COLUMN reported BLOB;
        CREATE INDEX scope_unreported ON scope (id) WHERE is_unreported = 1;
        CREATE TABLE total (
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            series INTEGER NOT NULL,
            PRIMARY KEY (high, low, series)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE baseline (
            fork INTEGER NOT NULL,
            parent BLOB NOT NULL,
            at INTEGER NOT NULL,
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            PRIMARY KEY (fork, parent, at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX baseline_by_parent ON baseline (high, low, at);
        CREATE TABLE source_hour (
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            fields INTEGER NOT NULL,
            PRIMARY KEY (high, low, hour)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE pairing (
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            members BLOB NOT NULL,
            PRIMARY KEY (high, low)
        ) STRICT, WITHOUT ROWID;

        """

    /// Which calls were numbered when, and when a scope was last written, in days since 1970.
    private static let compaction = """
        ALTER TABLE scope ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE call ADD COLUMN is_compact INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE day_mark (
            day INTEGER PRIMARY KEY,
            next_call INTEGER NOT NULL
        ) STRICT;

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
