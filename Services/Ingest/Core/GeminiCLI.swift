import Metering

/// Reads Gemini CLI: telemetry of all kinds, chat files, and what `--output-format json` and `stream-json` print.
///
/// Input includes the cached part, and reasoning stands beside output, on every channel. A chat file has the calls of the
/// main loop only, under ids that no other channel knows: reports of one call are paired by what they used.
struct GeminiCLI: DelegatingHarness {
    static let name = Harness(rawValue: "gemini-cli")

    let harness: Harness? = GeminiCLI.name
    let telemetry = CandidateTelemetry(
        prefix: "gemini_cli", requestSpan: "llm_call", thoughts: .beside, provider: .google)

    func owns(service: String) -> Bool { service == "gemini-cli" }
    func owns(scope: ArraySlice<UInt8>) -> Bool { scope.equals("gemini-cli") }
    func owns(record: ArraySlice<UInt8>) -> Bool { record.hasPrefix("gemini_cli.") }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.variable("GEMINI_CLI_HOME", ".gemini/tmp"), .home(".gemini/tmp"))],
        files: [.init("*/chats/**/*.jsonl", .lines), .init("*/chats/**/*.json", .document)])

    func makeSessionReader(of file: SessionFile) -> SessionReader? {
        file.name.hasSuffix(".json") ? .document(GeminiChat(file)) : .lines(GeminiChat(file))
    }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { GeminiResult() }
}

/// Reads a chat file: a record on each line, or one document with all of them, as older builds wrote.
///
/// A message is written again when its tokens arrive. Messages that were taken back had been billed.
private struct GeminiChat: TranscriptReader, DocumentReader {
    private static let members = FieldReader(
        [
            "sessionId", "kind", "id", "timestamp", "type", "model", "tokens.input", "tokens.output", "tokens.cached",
            "tokens.thoughts", "tokens.tool", "tokens.total",
        ], each: ["messages", "$set.messages"])

    /// The session that a subagent's file lies with.
    private let parent: String?
    private let project: String?
    private var session: String?
    private var isSubagent = false

    init(_ file: SessionFile) {
        let folders = file.folders
        let chats = folders.lastIndex(of: "chats")
        parent = chats.flatMap { $0 + 1 < folders.endIndex ? BoundedText.string(String(folders[$0 + 1])) : nil }
        let name = chats.flatMap { $0 > folders.startIndex ? String(folders[$0 - 1]) : nil }
        // Older builds name the folder by a hash of its path, which tells nobody anything.
        project = name.flatMap { $0.count == 64 ? nil : BoundedText.string($0) }
    }

    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let record = try Self.members.line(line)
        noteConversation(record.fields)
        var observations = try message(record.fields, context)
        // A checkpoint holds the whole conversation once more.
        for element in record.elements {
            observations += try message(try Self.members.element(line, element), context)
        }
        return observations
    }

    mutating func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
        let record = try Self.members.document(document)
        noteConversation(record.fields)
        let context = records.context
        for element in record.elements {
            records.add(document[element.range]) { () throws(Rejection) in
                try message(try Self.members.element(document, element), context)
            }
        }
    }

    private mutating func noteConversation(_ fields: Attributes) {
        guard let id = fields.text("sessionId") else { return }
        isSubagent = fields.text("kind") == "subagent"
        session = isSubagent ? parent ?? id : id
    }

    private func message(_ fields: Attributes, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard fields.text("type") == "gemini" else { return [] }
        let usage = CandidateUsage(
            prompt: try fields.count("tokens.input"), cached: try fields.count("tokens.cached"),
            candidates: try fields.count("tokens.output"), thoughts: try fields.count("tokens.thoughts"),
            tool: try fields.count("tokens.tool"), total: try fields.count("tokens.total"))
        let tokens = usage.tokens(.beside)
        // The message is there before its tokens are.
        guard !tokens.isEmpty else { return [] }
        let time = fields.time(text: "timestamp")
        let model = fields.text("model")
        // No other channel knows the id; a response's own id names the call better.
        let key =
            fields.text("id").map { CallKey(space: context.harness.rawValue, kind: .record, value: $0) }
            ?? context.recordKey(session: session, time: time, model, tokens.vector)
        var observation = context.observation(
            context.id(of: fields, "message", session: session), channel: .transcript, session: session, time: time,
            content: .call(keys: [key], tokens: tokens, cost: nil))
        observation.pairing = context.pairing(session: session, model: model, usage.prompt, usage.candidates)
        observation.model = model
        observation.reportedModel = model
        observation.provider = .google
        observation.attribution.caller = isSubagent ? "subagent" : "lead"
        observation.attribution.project = project ?? observation.attribution.project
        return [observation]
    }
}

/// Reads what a run prints: its statistics, which go on from those of the conversation that it resumes.
private struct GeminiResult: ResultReader {
    private static let members = FieldReader(["session_id", "timestamp"], each: ["stats.models"])
    private static let figures = FieldReader([
        "tokens.prompt", "tokens.cached", "tokens.candidates", "tokens.thoughts", "tokens.tool", "input_tokens",
        "cached", "output_tokens", "total_tokens",
    ])

    private var session: String?

    mutating func observations(in record: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
        let result = try Self.members.line(record)
        session = result.fields.text("session_id") ?? session
        let time = result.fields.time(text: "timestamp")
        var observations: [Observation] = []
        for element in result.elements {
            let model = BoundedText.string(element.name)
            var totals = RunningTotals(tokens: try tokens(try Self.figures.element(record, element)))
            totals.parts = [element.name]
            observations += totals.observations(session: session, time: time, channel: .result, context) {
                $0.model = model
                $0.reportedModel = model
                $0.provider = .google
            }
        }
        return observations
    }

    private func tokens(_ fields: Attributes) throws(Rejection) -> TokenCounts {
        if let prompt = try fields.count("tokens.prompt") {
            return CandidateUsage(
                prompt: prompt, cached: try fields.count("tokens.cached"),
                candidates: try fields.count("tokens.candidates"), thoughts: try fields.count("tokens.thoughts"),
                tool: try fields.count("tokens.tool")
            ).tokens(.beside)
        }
        // The streamed form leaves reasoning out of everything but the total.
        var usage = CandidateUsage(
            prompt: try fields.count("input_tokens"), cached: try fields.count("cached"),
            candidates: try fields.count("output_tokens"))
        if let total = try fields.count("total_tokens") {
            let rest = total - (usage.prompt ?? 0) - (usage.candidates ?? 0)
            usage.thoughts = rest > 0 ? rest : nil
        }
        return usage.tokens(.beside)
    }
}
