import Foundation
import Harnesses
import Metering
import Testing

/// Published cases of another meter, a router of providers' calls, by their numbers there.
///
/// The router's own intermediate names are written as the provider writes them; counts are the vectors'.
struct NineRouterVectorTests {
    /// A payload and what it comes to.
    private struct Case {
        let id: String
        let provider: String
        let body: String
        let tokens: TokenCounts
    }

    private static let cases = [
        Case(
            id: "N01", provider: "anthropic",
            body: usage(
                #""input_tokens":100,"output_tokens":50,"cache_read_input_tokens":200,"cache_creation_input_tokens":30"#
            ),
            tokens: TokenCounts(uncachedInput: 100, cacheRead: 200, cacheWrite: 30, output: 50)),
        Case(
            id: "N02", provider: "openai-chat",
            body: usage(#""prompt_tokens":330,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":200}"#),
            tokens: TokenCounts(uncachedInput: 130, cacheRead: 200, output: 50)),
        Case(
            id: "N09", provider: "openai-chat",
            body: usage(#""prompt_tokens":1000,"completion_tokens":200,"prompt_tokens_details":{"cached_tokens":600}"#),
            tokens: TokenCounts(uncachedInput: 400, cacheRead: 600, output: 200)),
        Case(
            id: "N11", provider: "anthropic-compatible", body: usage(#""input_tokens":2413,"output_tokens":1"#),
            tokens: TokenCounts(uncachedInput: 2413, output: 1)),
        Case(
            id: "N14", provider: "anthropic",
            body: usage(
                #""input_tokens":100,"output_tokens":50,"cache_read_input_tokens":4000,"cache_creation_input_tokens":0"#
            ),
            tokens: TokenCounts(uncachedInput: 100, cacheRead: 4000, cacheWrite: 0, output: 50)),
        Case(
            id: "N16", provider: "openai-responses",
            body: usage(
                #""input_tokens":2000,"output_tokens":300,"input_tokens_details":{"cached_tokens":1792},"#
                    + #""output_tokens_details":{"reasoning_tokens":128}"#),
            tokens: TokenCounts(uncachedInput: 208, cacheRead: 1792, output: 300, reasoning: 128)),
        Case(
            id: "N17", provider: "gemini",
            body:
                #"{"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":400,"thoughtsTokenCount":350,"totalTokenCount":1750}}"#,
            tokens: TokenCounts(uncachedInput: 1000, output: 750, reasoning: 350)),
        Case(
            id: "N18", provider: "gemini",
            body:
                #"{"usageMetadata":{"promptTokenCount":5000,"candidatesTokenCount":200,"totalTokenCount":5200,"cachedContentTokenCount":4500}}"#,
            tokens: TokenCounts(uncachedInput: 500, cacheRead: 4500, output: 200)),
        Case(
            id: "N19", provider: "deepseek",
            body: usage(#""prompt_cache_hit_tokens":2000,"prompt_cache_miss_tokens":250,"completion_tokens":40"#),
            tokens: TokenCounts(uncachedInput: 250, cacheRead: 2000, output: 40)),
        Case(
            id: "N20", provider: "kiro", body: #"{"metricsEvent":{"inputTokens":100,"outputTokens":50}}"#,
            tokens: TokenCounts(uncachedInput: 100, output: 50)),
        Case(
            id: "N20", provider: "kiro",
            body:
                #"{"inputTokens":500,"outputTokens":100,"cache_read_input_tokens":200,"cache_creation_input_tokens":50}"#,
            tokens: TokenCounts(uncachedInput: 500, cacheRead: 200, cacheWrite: 50, output: 100)),
        Case(
            id: "N21", provider: "ollama", body: #"{"done":true,"prompt_eval_count":26,"eval_count":298}"#,
            tokens: TokenCounts(uncachedInput: 26, output: 298)),
        Case(
            id: "N22", provider: "openai-chat",
            body: usage(
                #""prompt_tokens":500,"completion_tokens":300,"prompt_tokens_details":{"cached_tokens":256},"#
                    + #""completion_tokens_details":{"reasoning_tokens":200}"#),
            tokens: TokenCounts(uncachedInput: 244, cacheRead: 256, output: 300, reasoning: 200)),
        Case(
            id: "N26", provider: "anthropic", body: usage(#""input_tokens":2413,"output_tokens":0"#),
            tokens: TokenCounts(uncachedInput: 2413, output: 0)),
        Case(
            id: "N29", provider: "openai-chat",
            body: usage(
                #""prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":null}"#),
            tokens: TokenCounts(uncachedInput: 100, output: 1)),
        Case(
            id: "D16", provider: "deepseek",
            body: usage(
                #""prompt_tokens":106,"completion_tokens":112,"total_tokens":218,"prompt_tokens_details":{"cached_tokens":64}"#
            ),
            tokens: TokenCounts(uncachedInput: 42, cacheRead: 64, output: 112)),
        Case(
            id: "D17", provider: "openai-responses",
            body: usage(
                #""input_tokens":10,"output_tokens":5,"total_tokens":15,"input_tokens_details":{"cached_tokens":3},"#
                    + #""output_tokens_details":{"reasoning_tokens":2}"#),
            tokens: TokenCounts(uncachedInput: 7, cacheRead: 3, output: 5, reasoning: 2)),
    ]

    /// Vectors that no payload decides, and where they are decided.
    private static let elsewhere = [
        "N05": "a price: arithmetic is tested with the price sheets", "N07": "a price", "N23": "a price",
        "N25": "names are resolved by exact aliases; a pattern would be a neighbour's price",
        "N30": "a price",
    ]
    /// Vectors with a test of their own below.
    private static let own: Set = ["N04", "N06", "N08", "N10", "N31"]

    private static func usage(_ members: String) -> String { #"{"usage":{\#(members)}}"# }

    private func read(
        _ body: String, of provider: String, _ framing: ResponseFraming = .json
    ) throws -> IntakeResult {
        try Intake.forTests.readResponses(
            Array(body.utf8), of: provider, framing: framing, facts: ResponseFacts { _ in nil },
            receivedTime: Intake.noon)
    }

    @Test func `every vector is read, tested below or decided elsewhere`() throws {
        let file = try JSONSerialization.jsonObject(with: Data(try ResponseFixtureTests.bytes("ninerouter.json")))
        let vectors = try #require((file as? [String: Any])?["vectors"] as? [[String: Any]])
        let ids = Set(vectors.compactMap { $0["id"] as? String })
        #expect(ids.count == 23)
        #expect(ids.subtracting(Self.cases.map(\.id)).subtracting(Self.own) == Set(Self.elsewhere.keys))
    }

    @Test func `payloads come to their counts`() throws {
        for vector in Self.cases {
            let result = try read(vector.body, of: vector.provider)
            #expect(result.observations.map(\.tokens) == [vector.tokens], "\(vector.id)")
            #expect(result.deadLetters.isEmpty, "\(vector.id)")
        }
    }

    @Test(arguments: ["anthropic", "openai-chat", "openai-responses", "gemini", "deepseek", "kiro", "ollama"])
    func `N04 nothing is no row of zeros`(provider: String) throws {
        for body in ["null", "{}", #"{"usage":null,"usageMetadata":null}"#] {
            #expect(try read(body, of: provider).events.isEmpty)
        }
    }

    @Test func `N06 parts that pass their total stand, and leave a trace`() throws {
        let body = Self.usage(
            #""prompt_tokens":100,"completion_tokens":0,"cached_tokens":80,"cache_creation_input_tokens":40"#)
        let result = try read(body, of: "openai-chat")
        #expect(
            result.observations.map(\.tokens) == [
                TokenCounts(uncachedInput: 0, cacheRead: 80, cacheWrite: 40, output: 0)
            ])
        #expect(result.deadLetters.map(\.reason) == ["parts_exceed_total"])
        #expect(result.corrected == [.partsExceedTotal: 1])
        #expect(result.rejectedCount == 0)
    }

    @Test func `N08 a call keeps its provider and model for the price`() throws {
        let body = """
            {"id":"msg_01N08aaaaaaaaaaaaaaaaaaa","type":"message","model":"claude-sonnet-4-6","usage":{"input_tokens":100,\
            "output_tokens":50,"cache_read_input_tokens":200,"cache_creation_input_tokens":30}}
            """
        let call = try #require(try read(body, of: "anthropic").observations.first)
        #expect(call.tokens?.inputTokens == 330)
        #expect(call.model == "claude-sonnet-4-6")
        #expect(call.provider == .anthropic)
    }

    @Test func `N10 the start of a stream has the input, its later events the output`() throws {
        let start = """
            {"type":"message_start","message":{"id":"msg_01N10aaaaaaaaaaaaaaaaaaa","usage":{"input_tokens":50,\
            "cache_read_input_tokens":2400,"cache_creation_input_tokens":120,"output_tokens":1}}}
            """
        let delta = #"{"type":"message_delta","usage":{"output_tokens":77}}"#
        let expected = TokenCounts(uncachedInput: 50, cacheRead: 2400, cacheWrite: 120, output: 77)
        let result = try read("data: \(start)\n\ndata: \(delta)\n\n", of: "anthropic", .eventStream)
        #expect(result.observations.map(\.tokens) == [expected])

        // What is no count never takes the place of one, and leaves a trace.
        let broken = #"{"type":"message_delta","usage":{"output_tokens":"NaN","input_tokens":null}}"#
        let lines = [start, delta, broken].joined(separator: "\n")
        let second = try read(lines, of: "anthropic", .lines)
        #expect(second.observations.map(\.tokens) == [expected])
        #expect(second.deadLetters.map(\.reason) == ["not_a_number"])
    }

    @Test func `N31 malformed payloads give no row and never anything but a number`() throws {
        for provider in ProviderCatalog.standard.names {
            for body in ["null", "[1,2,3]", #""not-an-object""#, "{}"] {
                #expect(try read(body, of: provider).events.isEmpty)
            }
        }
        let many = try read(#"{"usage":{"prompt_tokens":"many","cached_tokens":{}}}"#, of: "openai-chat")
        #expect(many.observations.isEmpty)
        #expect(many.rejectedCount == 1)
        let one = try read(#"{"usage":{"prompt_tokens":1,"prompt_tokens_details":null}}"#, of: "openai-chat")
        #expect(one.observations.map(\.tokens) == [TokenCounts(uncachedInput: 1)])
        #expect(throws: ResponseError.self) { try read("not json", of: "openai-chat") }
    }

    @Test func `D25 totals so far on every chunk are counted once`() throws {
        let chunks = [(10, 1), (10, 3), (10, 3)].map { prompt, completion in
            "data: {\"id\":\"chatcmpl-0123456789abcdef\",\"usage\":{\"prompt_tokens\":\(prompt),"
                + "\"completion_tokens\":\(completion)}}\n\n"
        }
        let result = try read(chunks.joined(), of: "vllm", .eventStream)
        #expect(result.observations.map(\.tokens) == [TokenCounts(uncachedInput: 10, output: 3)])
    }
}
