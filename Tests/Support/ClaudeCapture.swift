public import Foundation

/// What a real Claude Code sent and wrote during a run against a scripted provider, and what the provider served.
public struct ClaudeCapture: Sendable {
    /// The bodies of `/v1/logs` requests, in order.
    public let logs: [[UInt8]]
    /// The bodies of `/v1/metrics` requests, in order.
    public let metrics: [[UInt8]]
    /// The transcript files.
    public let transcripts: [[UInt8]]
    /// The folder of the transcripts.
    public let transcriptsFolder: String
    /// What each session and model used, as served.
    public let truth: Books

    /// The run that was recorded once and travels with the tests.
    public static func recorded() throws -> ClaudeCapture {
        guard let resources = Bundle.module.resourceURL else { throw SupportFailure("the fixtures are missing") }
        return try ClaudeCapture(folder: resources.appending(path: "Fixtures/claude-code"))
    }

    /// Reads a capture from a folder with `otlp`, `transcripts` and `truth.jsonl`.
    public init(folder: URL) throws {
        let otlp = folder.appending(path: "otlp")
        let names = try FileManager.default.contentsOfDirectory(atPath: otlp.path).sorted()
        func bodies(_ suffix: String) throws -> [[UInt8]] {
            try names.filter { $0.hasSuffix(suffix) }.map { [UInt8](try Data(contentsOf: otlp.appending(path: $0))) }
        }
        logs = try bodies("-logs.json")
        metrics = try bodies("-metrics.json")
        transcriptsFolder = folder.appending(path: "transcripts").path
        let files = try FileManager.default.subpathsOfDirectory(atPath: transcriptsFolder).sorted()
        transcripts = try files.filter { $0.hasSuffix(".jsonl") }.map {
            [UInt8](try Data(contentsOf: URL(filePath: folder.appending(path: "transcripts").path + "/" + $0)))
        }
        truth = try Self.truth(folder.appending(path: "truth.jsonl"))
    }

    /// Reads a provider's record of what it served; requests that failed have no usage and are left out.
    ///
    /// - Parameter interrupted: whether answers that were interrupted are wanted too, as they began.
    public static func truth(_ file: URL, interrupted: Bool = false) throws -> Books {
        var books = Books()
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let request = try JSONDecoder().decode(Served.self, from: Data(line.utf8))
            guard let usage = request.usage, let model = request.model, let session = request.headers?.session,
                interrupted || request.interrupted != true
            else { continue }
            var tally = Tally()
            tally.calls = 1
            tally.uncachedInput = usage.input
            tally.cacheRead = usage.cacheRead
            tally.cacheWrite5m = usage.creation.fiveMinutes
            tally.cacheWrite1h = usage.creation.oneHour
            tally.output = usage.output
            guard let cost = ListPrice.picodollars(tally, model: model) else {
                throw SupportFailure("the truth names a model without a list price: \(model)")
            }
            tally.picodollars = cost
            books.add(tally, to: Books.Account(session: session, model: model))
        }
        return books
    }

    private struct Served: Decodable {
        let model: String?
        let usage: Usage?
        let headers: Headers?
        let interrupted: Bool?

        struct Headers: Decodable {
            let session: String?

            enum CodingKeys: String, CodingKey {
                case session = "x-claude-code-session-id"
            }
        }

        struct Usage: Decodable {
            let input: Int64
            let cacheRead: Int64
            let output: Int64
            let creation: Creation

            enum CodingKeys: String, CodingKey {
                case input = "input_tokens"
                case cacheRead = "cache_read_input_tokens"
                case output = "output_tokens"
                case creation = "cache_creation"
            }
        }

        struct Creation: Decodable {
            let fiveMinutes: Int64
            let oneHour: Int64

            enum CodingKeys: String, CodingKey {
                case fiveMinutes = "ephemeral_5m_input_tokens"
                case oneHour = "ephemeral_1h_input_tokens"
            }
        }
    }
}
