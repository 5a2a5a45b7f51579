import Metering

/// Reads the cost of sessions in Crush's database, one in each project.
///
/// Its token counts are those of the last step, which is how full the context is, and are not read. A session's cost
/// includes that of the sessions it started.
struct Crush: HarnessReader {
    let harness: Harness? = Harness(rawValue: "crush")

    func owns(service: String) -> Bool { service == "crush" }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.home(".crush"))], files: [.init("**/crush.db", .database(queries: [CrushSessions.query]))],
        marks: ["crush.db"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(CrushSessions()) }
}

/// Reads the rows of sessions, whose cost grows; it is zero where a subscription pays.
private struct CrushSessions: TranscriptReader {
    static let query = """
        SELECT json_object('id', id, 'cost', cost, 'updated', \
        CASE WHEN updated_at > 100000000000 THEN updated_at ELSE updated_at * 1000 END) FROM sessions \
        WHERE parent_session_id IS NULL AND cost > 0 ORDER BY id
        """
    private static let members = FieldReader(["id", "cost", "updated"])

    func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let row = try Self.members.line(line).fields
        let totals = RunningTotals(cost: try row.cost("cost"))
        return totals.observations(
            session: row.text("id"), time: row.time(milliseconds: "updated"), channel: .transcript, context
        ) { _ in }
    }
}
