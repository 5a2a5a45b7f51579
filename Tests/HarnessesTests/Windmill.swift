import Metering

@testable import Harnesses

/// A made-up harness: this file, a line in a catalog, and a folder of fixtures are all that it takes.
struct Windmill: HarnessReader {
    let harness: Harness? = Harness(rawValue: "windmill")

    func owns(service: String) -> Bool { service == "windmill" }

    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        guard record.name.equals("turned") else { return [] }
        return try Turn.observations(in: record.attributes, record.time, .log, context)
    }

    let sessionFiles: SessionFiles? = SessionFiles(
        roots: [.init(.home(".windmill"))],
        files: [.init("*/turns.jsonl", .lines), .init("*/day.json", .document)])

    func makeSessionReader(of file: SessionFile) -> SessionReader? {
        file.name == "day.json" ? .document(Turn()) : .lines(Turn())
    }

    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { Turn(channel: .result) }

    private struct Turn: TranscriptReader, ResultReader, DocumentReader {
        private static let members = FieldReader(["mill", "turn", "grain", "time"])
        private static let day = FieldReader([], each: ["turns"])
        var channel = Channel.transcript

        func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
            let fields = try Self.members.line(line).fields
            return try Self.observations(in: fields, fields.time(text: "time"), channel, context)
        }

        func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
            let context = records.context
            for turn in try Self.day.document(document).elements {
                records.add(document[turn.range]) { () throws(Rejection) in
                    try observations(in: Array(document[turn.range]), context)
                }
            }
        }

        static func observations(
            in fields: Attributes, _ time: Timestamp?, _ channel: Channel, _ context: ReadingContext
        ) throws(Rejection) -> [Observation] {
            guard let turn = fields.text("turn"), let grain = try fields.count("grain") else { return [] }
            let mill = fields.text("mill")
            return [
                context.observation(
                    context.id(of: fields, "turn", session: mill), channel: channel, session: mill, time: time,
                    content: .call(
                        keys: [CallKey(space: "windmill", kind: .step, value: turn)],
                        tokens: TokenCounts(uncachedInput: grain), cost: nil))
            ]
        }
    }
}
