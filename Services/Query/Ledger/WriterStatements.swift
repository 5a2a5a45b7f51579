import GRDB

/// The writer's prepared statements.
struct WriterStatements {
    let insertCharge: BoundStatement
    let replaceCharge: BoundStatement
    let selectCharge: BoundStatement
    let selectScope: BoundStatement
    let insertChange: BoundStatement
    let insertDeadLetter: BoundStatement
    let upsertStream: BoundStatement
    let addToCounter: BoundStatement
    let insertFreshKey: BoundStatement
    let updateScope: BoundStatement
    let addToQuarter: BoundStatement
    let addToDay: BoundStatement
    let addToSession: BoundStatement
    let addToMovement: BoundStatement
    let widenActivity: BoundStatement
    let keepReconciliation: BoundStatement

    init(_ database: Database) throws {
        let columns = StoredCharge.columns + ", run"
        let marks = columns.split(separator: ",").map { _ in "?" }.joined(separator: ",")
        insertCharge = try BoundStatement(database, "INSERT INTO charge (\(columns)) VALUES (\(marks))")
        replaceCharge = try BoundStatement(database, "REPLACE INTO charge (\(columns)) VALUES (\(marks))")
        selectCharge = try BoundStatement(database, "SELECT \(StoredCharge.columns) FROM charge WHERE number = ?")
        selectScope = try BoundStatement(database, "SELECT \(StoredCharge.columns) FROM charge WHERE scope = ?")
        insertChange = try BoundStatement(database, "INSERT INTO change VALUES (?, ?, ?)")
        insertDeadLetter = try BoundStatement(
            database,
            "INSERT INTO dead_letter (stream, stream_sequence, reason, field, size, time) VALUES (?, ?, ?, ?, ?, ?)")
        upsertStream = try BoundStatement(
            database,
            "INSERT INTO stream VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
                + "SET watermark = excluded.watermark, pending = excluded.pending")
        addToCounter = try BoundStatement(
            database, "INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value")
        insertFreshKey = try BoundStatement(database, "INSERT INTO fresh_key VALUES (?, ?)")
        updateScope = try BoundStatement(
            database,
            "UPDATE scope SET first_time = min(first_time, ?2), last_time = max(last_time, ?3), cost_aggregates = ?4 "
                + "WHERE id = ?1")
        addToQuarter = try BoundStatement(database, UsageTable.quarters.upsert)
        addToDay = try BoundStatement(database, UsageTable.days.upsert)
        addToSession = try BoundStatement(database, UsageTable.sessions.upsert)
        addToMovement = try BoundStatement(database, UsageTable.movements.upsert)
        widenActivity = try BoundStatement(
            database,
            "INSERT INTO usage_activity VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                + "SET first_time = min(first_time, excluded.first_time), last_time = max(last_time, excluded.last_time)"
        )
        keepReconciliation = try BoundStatement(
            database,
            """
            INSERT INTO reconciliation (session, harness, tenant, is_known, revision, recorded_time, body)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session, harness, tenant, is_known) DO UPDATE SET
                revision = excluded.revision, recorded_time = excluded.recorded_time, body = excluded.body
            WHERE excluded.revision > revision
            """)
    }
}
