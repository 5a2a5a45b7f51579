import Metering

/// Reads Goose: spans of the general conventions, and the totals of sessions in its database.
///
/// Its own counters tell how full the context is, not what was used: they are not read.
struct Goose: DelegatingHarness {
    let harness: Harness? = Harness(rawValue: "goose")
    let telemetry = GenAIConventions()

    func owns(service: String) -> Bool { service == "goose" || service == "goose-cli" || service == "goosed" }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [
            .init(
                .variable("GOOSE_PATH_ROOT", "data/sessions"), .variable("XDG_DATA_HOME", "goose/sessions"),
                .home(
                    ".local/share/goose/sessions", "Library/Application Support/goose/sessions",
                    ".local/share/Block/goose/sessions"))
        ],
        files: [.init("sessions.db", .database(queries: [GooseSessions.query]))], marks: ["goose/sessions/sessions.db"])

    func makeSessionReader(of file: SessionFile) -> SessionReader? { .lines(GooseSessions()) }
}

/// Reads the rows of sessions, whose totals grow.
private struct GooseSessions: TranscriptReader {
    static let query = """
        SELECT json_object('id', id, 'updated', strftime('%Y-%m-%dT%H:%M:%SZ', updated_at), \
        'input', accumulated_input_tokens, 'output', accumulated_output_tokens, 'provider', provider_name, \
        'model', CASE WHEN json_valid(model_config_json) THEN json_extract(model_config_json, '$.model_name') END, \
        'folder', working_dir) FROM sessions \
        WHERE coalesce(accumulated_input_tokens, 0) + coalesce(accumulated_output_tokens, 0) > 0 ORDER BY id
        """
    private static let members = FieldReader([
        "id", "updated", "input", "output", "provider", "model", "folder",
    ])

    func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let row = try Self.members.line(line).fields
        let totals = RunningTotals(
            tokens: TokenCounts(uncachedInput: try row.count("input"), output: try row.count("output")))
        return totals.observations(
            session: row.text("id"), time: row.time(text: "updated"), channel: .transcript, context
        ) {
            // A session goes on when its model is changed, so the model is that of the end.
            $0.model = row.text("model")
            $0.reportedModel = $0.model
            $0.provider = row.text("provider").map { Provider(rawValue: $0.lowercased()) }
            $0.attribution.project = row.lastPathComponent("folder") ?? $0.attribution.project
        }
    }
}
