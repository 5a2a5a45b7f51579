import GRDB

/// The tables of the ledger, as migrations that are never edited.
enum LedgerSchema {
    /// The migrations.
    static func migrator(epoch: @escaping @Sendable () -> String) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("ledger") { database in
            try database.execute(
                sql: "CREATE TABLE ledger (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL) STRICT")
            try database.execute(sql: "INSERT INTO ledger VALUES (1, ?)", arguments: [epoch()])
            try database.execute(sql: charges)
            try database.execute(sql: dimensions)
            try database.execute(sql: delivery)
            for table in UsageTable.all {
                try database.execute(sql: table.definition)
            }
        }
        migrator.registerMigration("cost parts, evidence and channels") { database in
            try database.execute(sql: costParts)
            for table in UsageTable.all { try database.execute(sql: table.addingCostParts) }
            // What the new columns hold is read from the charges' texts once all tables are as the writer needs them.
            try database.execute(sql: "INSERT INTO pending_backfill SELECT 1 FROM charge LIMIT 1")
        }
        migrator.registerMigration("repricing") { database in
            // How often the revision was priced anew; with the revision it orders the charges of a call.
            try database.execute(sql: "ALTER TABLE charge ADD COLUMN repricing INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("activity") { database in
            try database.execute(sql: activity)
        }
        migrator.registerMigration("reconciliation") { database in
            try database.execute(sql: reconciliations)
        }
        migrator.registerMigration("retention") { database in
            try database.execute(sql: retention)
        }
        return migrator
    }

    /// The newest reconciliation record of each scope, as dedupe wrote it.
    private static let reconciliations = """
        CREATE TABLE reconciliation (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            harness TEXT NOT NULL,
            tenant TEXT NOT NULL,
            is_known INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            recorded_time INTEGER NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (session, harness, tenant, is_known)
        ) STRICT;
        CREATE INDEX reconciliation_by_time ON reconciliation (recorded_time, id);
        """

    /// Which changes are no longer there, by tenant, and how far each pass over the changes came, by its span and policy.
    private static let retention = """
        CREATE TABLE removed_changes (
            tenant TEXT PRIMARY KEY,
            through INTEGER NOT NULL,
            changes INTEGER NOT NULL,
            before INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE retention_pass (
            days INTEGER PRIMARY KEY,
            policy TEXT NOT NULL,
            through INTEGER NOT NULL
        ) STRICT;
        """

    /// Charges and their changes.
    ///
    /// The row of a charge is the number that dedupe gave its call, so nothing random is indexed
    /// while charges arrive: keys are found over `fresh_key`, a short list in order of arrival, and `key_run`, sorted runs.
    private static let charges = """
        CREATE TABLE charge (
            number INTEGER PRIMARY KEY,
            key_hash INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            scope INTEGER NOT NULL,
            dimension_set INTEGER NOT NULL,
            event_time INTEGER NOT NULL,
            marks INTEGER NOT NULL,
            uncached_input INTEGER,
            cache_read INTEGER,
            cache_write_5m INTEGER,
            cache_write_1h INTEGER,
            cache_write INTEGER,
            output INTEGER,
            reasoning INTEGER,
            computed_cost INTEGER,
            reported_cost INTEGER,
            run TEXT
        ) STRICT;
        CREATE INDEX charge_by_scope ON charge (scope, number);
        CREATE TABLE change (
            sequence INTEGER PRIMARY KEY,
            previous INTEGER,
            body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE fresh_key (
            number INTEGER PRIMARY KEY,
            hash INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE key_run (
            run INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (run, hash, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE run (id INTEGER PRIMARY KEY) STRICT;
        """

    private static let dimensions = """
        CREATE TABLE dimension_set (
            id INTEGER PRIMARY KEY,
            identity BLOB NOT NULL UNIQUE,
            tenant TEXT, harness TEXT, provider TEXT, model TEXT, project TEXT, repository TEXT, branch TEXT,
            user TEXT, team TEXT, host TEXT, agent TEXT, caller TEXT, quality TEXT, status TEXT
        ) STRICT;
        CREATE TABLE scope (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            harness TEXT NOT NULL,
            tenant TEXT NOT NULL,
            is_known INTEGER NOT NULL,
            first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL,
            cost_aggregates INTEGER NOT NULL,
            UNIQUE (session, harness, tenant)
        ) STRICT;
        CREATE INDEX scope_by_last_time ON scope (last_time);
        CREATE INDEX scope_by_folded_session ON scope (lower(session));
        """

    private static let costParts = """
        ALTER TABLE charge ADD COLUMN uncached_input_cost INTEGER;
        ALTER TABLE charge ADD COLUMN cache_read_cost INTEGER;
        ALTER TABLE charge ADD COLUMN cache_write_cost INTEGER;
        ALTER TABLE charge ADD COLUMN output_cost INTEGER;
        ALTER TABLE charge ADD COLUMN counted_reports INTEGER;
        ALTER TABLE charge ADD COLUMN duplicate_reports INTEGER;
        ALTER TABLE charge ADD COLUMN superseded_reports INTEGER;
        ALTER TABLE charge ADD COLUMN conflicting_reports INTEGER;
        ALTER TABLE dimension_set ADD COLUMN channel TEXT;
        CREATE TABLE pending_backfill (id INTEGER PRIMARY KEY) STRICT;
        """

    /// When the first and the last charge of a quarter hour were; blocks of hours need it.
    private static let activity = """
        CREATE TABLE usage_activity (
            quarter INTEGER NOT NULL,
            dimension_set INTEGER NOT NULL,
            first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL,
            PRIMARY KEY (quarter, dimension_set)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_activity
            SELECT event_time / 900000000000 - (event_time < 0 AND event_time % 900000000000 <> 0), dimension_set,
                min(event_time), max(event_time)
            FROM charge WHERE marks & 1 GROUP BY 1, 2;
        """

    private static let delivery = """
        CREATE TABLE stream (
            id TEXT PRIMARY KEY,
            watermark INTEGER NOT NULL,
            pending TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE dead_letter (
            id INTEGER PRIMARY KEY,
            stream TEXT,
            stream_sequence INTEGER,
            reason TEXT NOT NULL,
            field TEXT,
            size INTEGER NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE gap (
            stream TEXT NOT NULL,
            first INTEGER NOT NULL,
            past_last INTEGER NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (stream, first)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE counter (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
