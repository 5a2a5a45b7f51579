import GRDB

/// The writer's prepared statements.
struct WriterStatements {
    let insertCharge: BoundStatement
    let replaceCharge: BoundStatement
    let selectCharge: BoundStatement
    let selectScope: BoundStatement
    let insertChange: BoundStatement
    let insertDeadLetter: BoundStatement
    let insertGap: BoundStatement
    let upsertStream: BoundStatement
    let addToCounter: BoundStatement
    let insertFreshKey: BoundStatement
    let updateScope: BoundStatement
    let addToQuarter: BoundStatement
    let addToDay: BoundStatement
    let addToSession: BoundStatement
    let addToMovement: BoundStatement

    init(_ database: Database) throws {
        let row = Array(repeating: "?", count: 18).joined(separator: ",")
        insertCharge = try BoundStatement(database, "INSERT INTO charge VALUES (\(row))")
        replaceCharge = try BoundStatement(database, "REPLACE INTO charge VALUES (\(row))")
        selectCharge = try BoundStatement(database, "SELECT \(StoredCharge.columns) FROM charge WHERE number = ?")
        selectScope = try BoundStatement(database, "SELECT \(StoredCharge.columns) FROM charge WHERE scope = ?")
        insertChange = try BoundStatement(database, "INSERT INTO change VALUES (?, ?, ?)")
        insertDeadLetter = try BoundStatement(
            database,
            "INSERT INTO dead_letter (stream, stream_sequence, reason, field, size, time) VALUES (?, ?, ?, ?, ?, ?)")
        insertGap = try BoundStatement(database, "INSERT OR IGNORE INTO gap VALUES (?, ?, ?, ?)")
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
    }
}
