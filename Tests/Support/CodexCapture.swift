public import Foundation

/// What a real Codex sent, wrote and printed during a run against a scripted provider, and what the provider served.
public struct CodexCapture: Sendable {
    /// The bodies of `/v1/logs` requests in protobuf, in order.
    public let logs: [[UInt8]]
    /// The bodies of `/v1/metrics` requests in protobuf, in order.
    public let metrics: [[UInt8]]
    /// The session files, with their paths below the agent's folder.
    public let rollouts: [(path: String, bytes: [UInt8])]
    /// What each command printed, in the order in which they ran.
    public let results: [(name: String, bytes: [UInt8])]
    /// What each thread and model used, as served.
    public let truth: Books

    /// The conversation that the commands `resume` and `fork` were told to go on with.
    public static let parent = "01a1fb8f-a801-7e32-b432-2c21c915bd5f"
    /// The conversation that `fork` began.
    public static let fork = "01a1fb8f-fad1-7670-9af8-24c782dde0b1"

    /// The run that was recorded once and travels with the tests.
    public static func recorded() throws -> CodexCapture {
        guard let resources = Bundle.module.resourceURL else { throw SupportFailure("the fixtures are missing") }
        return try CodexCapture(folder: resources.appending(path: "Fixtures/codex"))
    }

    private init(folder: URL) throws {
        func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: path))) }
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        logs = try files.filter { $0.hasSuffix("-logs.pb") }.map(bytes)
        metrics = try files.filter { $0.hasSuffix("-metrics.pb") }.map(bytes)
        rollouts = try files.filter { $0.hasPrefix("sessions/") && $0.hasSuffix(".jsonl") }.map { ($0, try bytes($0)) }
        results = try ["plain", "reason", "bash", "bashfail", "multi", "flaky", "resume", "fork"].map {
            ($0, try bytes("results/\($0).jsonl"))
        }
        truth = try Self.truth(folder.appending(path: "truth.jsonl"))
    }

    /// Reads a provider's record of what it served; requests that failed have no usage and are left out.
    public static func truth(_ file: URL) throws -> Books {
        var books = Books()
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let request = try JSONDecoder().decode(Served.self, from: Data(line.utf8))
            guard let usage = request.usage, let model = request.model, let thread = request.client_metadata?.thread_id
            else { continue }
            var tally = Tally()
            tally.calls = 1
            tally.cacheRead = usage.input_tokens_details?.cached_tokens ?? 0
            tally.cacheWrite = usage.input_tokens_details?.cache_write_tokens ?? 0
            tally.uncachedInput = usage.input_tokens - tally.cacheRead - tally.cacheWrite
            tally.output = usage.output_tokens
            tally.picodollars = try cost(tally, model)
            books.add(tally, to: Books.Account(session: thread, model: model))
        }
        return books
    }

    /// The list price of the model that the runs use, apart from the price sheets.
    private static func cost(_ tally: Tally, _ model: String) throws -> Int128 {
        guard model == "gpt-5.5" else { throw SupportFailure("the truth names a model without a list price: \(model)") }
        return 5_000_000 * Int128(tally.uncachedInput) + 500_000 * Int128(tally.cacheRead)
            + 30_000_000 * Int128(tally.output)
    }

    // The names are the provider's.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Served: Decodable {
        let model: String?
        let usage: Usage?
        let client_metadata: Metadata?

        struct Metadata: Decodable {
            let thread_id: String?
        }

        struct Usage: Decodable {
            let input_tokens: Int64
            let input_tokens_details: Details?
            let output_tokens: Int64
        }

        struct Details: Decodable {
            let cached_tokens: Int64?
            let cache_write_tokens: Int64?
        }
    }
}
