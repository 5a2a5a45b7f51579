import Foundation
import Harnesses
import Metering
import Testing

/// Answers that are cut, mangled or full of what must not leave the core, for every dialect.
struct ResponseRobustnessTests {
    private let canary = "CANARY-7d21bb"

    private func read(_ body: [UInt8], of provider: String, _ framing: ResponseFraming) -> IntakeResult? {
        try? Intake.forTests.readResponses(
            body, of: provider, framing: framing, facts: ResponseFacts { _ in nil }, receivedTime: Intake.noon)
    }

    @Test func `answers cut or flipped at any byte are read or refused`() throws {
        var events = 0
        for path in try ResponseFixtureTests.paths {
            let provider = String(path.prefix { $0 != "/" })
            let bytes = try ResponseFixtureTests.bytes(path)
            let framing = try ResponseFixtureTests.framing(of: path)
            let step = max(bytes.count / 20, 1)
            for index in stride(from: 0, to: bytes.count, by: step) {
                events += read(Array(bytes.prefix(index)), of: provider, framing)?.events.count ?? 0
                for byte in [UInt8(0), 0x22, 0x7B, 0xFF] {
                    var mutated = bytes
                    mutated[index] = byte
                    events += read(mutated, of: provider, framing)?.events.count ?? 0
                }
            }
        }
        #expect(events > 1000)
    }

    @Test func `a bad event spoils itself, not the rest of its stream`() throws {
        for bad in ["{\"type\":", "\u{0}", "nonsense", String(repeating: "[", count: 200_000)] {
            var text = String(decoding: try ResponseFixtureTests.bytes("anthropic/stream.sse"), as: UTF8.self)
            text = text.replacing("data: {\"type\":\"ping\"}", with: "data: \(bad)")
            let result = try #require(read(Array(text.utf8), of: "anthropic", .eventStream))
            #expect(result.observations.map { $0.tokens?.output } == [830])
            #expect(result.deadLetters.map(\.reason) == ["malformed_text"])
        }
    }

    @Test func `deep nesting and invalid UTF-8 end nothing`() throws {
        for provider in ProviderCatalog.standard.names {
            let deep = Array(("{\"content\":" + String(repeating: "[", count: 100_000)).utf8)
            #expect(read(deep, of: provider, .json) == nil)
            #expect(read(deep, of: provider, .lines)?.deadLetters.count == 1)
            let invalid = Array("{\"content\":\"".utf8) + [0xC3, 0x28] + Array("\",\"id\":\"".utf8) + [0xFF]
            #expect(read(invalid + Array("\"}".utf8), of: provider, .lines) != nil)
        }
    }

    @Test func `a count that cannot be spoils its answer alone`() throws {
        for (value, reason) in [
            ("-1", "negative_token_count"), ("1.5", "fractional_token_count"), ("true", "wrong_type"),
            ("[1]", "wrong_type"), ("\"lots\"", "not_a_number"), ("1e300", "token_count_out_of_range"),
        ] {
            let bodies = [
                ("anthropic", "{\"type\":\"message\",\"usage\":{\"output_tokens\":\(value)}}"),
                ("openai-chat", "{\"usage\":{\"completion_tokens\":\(value)}}"),
                ("openai-responses", "{\"usage\":{\"output_tokens\":\(value)}}"),
                ("gemini", "{\"usageMetadata\":{\"candidatesTokenCount\":\(value),\"thoughtsTokenCount\":1}}"),
                ("deepseek", "{\"usage\":{\"prompt_cache_miss_tokens\":\(value)}}"),
                ("xai-chat", "{\"usage\":{\"completion_tokens\":\(value)}}"),
                ("kiro", "{\"metricsEvent\":{\"outputTokens\":\(value)}}"),
                ("ollama", "{\"done\":true,\"eval_count\":\(value)}"),
                ("bedrock-converse", "{\"usage\":{\"outputTokens\":\(value)}}"),
            ]
            for (provider, body) in bodies {
                let result = try #require(read(Array(body.utf8), of: provider, .json))
                #expect(result.observations.isEmpty, "\(provider)")
                #expect(result.deadLetters.map(\.reason) == [reason], "\(provider)")
                #expect(result.deadLetters.first?.channel == .response)
            }
        }
    }

    /// Puts the canary into every text but those that are kept, and beside every member.
    private func salted(_ value: Any, key: String = "") -> Any {
        let kept: Set = [
            "id", "model", "type", "object", "responseId", "modelVersion", "service_tier", "speed", "inference_geo",
            "created_at", "createTime", "ttl", "event",
        ]
        if let list = value as? [Any] { return list.map { salted($0, key: key) } }
        if let text = value as? String { return kept.contains(key) ? text : canary + text }
        guard let object = value as? [String: Any] else { return value }
        var result: [String: Any] = [:]
        for (name, member) in object { result[name] = salted(member, key: name) }
        for name in ["content", "instructions", "prompt", "error", "delta", "output_text", canary]
        where result[name] == nil {
            result[name] = [["text": canary, canary: [canary]]]
        }
        return result
    }

    @Test func `no text but the allowed leaves an answer of any provider`() throws {
        var observations = 0
        for path in try ResponseFixtureTests.paths {
            let provider = String(path.prefix { $0 != "/" })
            let text = String(decoding: try ResponseFixtureTests.bytes(path), as: UTF8.self)
            let framing = try ResponseFixtureTests.framing(of: path)
            let texts = framing == .json ? [Substring(text)] : text.split { $0.isNewline }
            let body = try texts.map { line -> String in
                let json = framing == .eventStream ? line.drop { $0 != "{" } : line
                guard !json.isEmpty, json.first == "{" || json.first == "[" else { return String(line) }
                let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
                let salt = try JSONSerialization.data(withJSONObject: salted(object))
                let prefix = framing == .eventStream ? "data: " : ""
                return prefix + String(decoding: salt, as: UTF8.self) + (framing == .eventStream ? "\n" : "")
            }.joined(separator: "\n")
            #expect(body.contains(canary))
            let result = try #require(read(Array(body.utf8), of: provider, framing), "\(path)")
            observations += result.observations.count
            for event in result.events {
                #expect(!String(decoding: event.json, as: UTF8.self).contains(canary), "\(path)")
            }
        }
        #expect(observations >= 25)
    }
}
