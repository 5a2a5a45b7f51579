import Foundation
import Harnesses
import Metering
import Testing

/// A whole recorded run of Claude Code against a provider whose answers are known.
struct ClaudeCaptureTests {
    private struct Truth: Decodable {
        struct Usage: Decodable {
            struct CacheCreation: Decodable {
                let ephemeral_5m_input_tokens: Int64
                let ephemeral_1h_input_tokens: Int64
            }
            let input_tokens: Int64
            let cache_read_input_tokens: Int64
            let cache_creation_input_tokens: Int64
            let cache_creation: CacheCreation
            let output_tokens: Int64
        }
        let request_id: String
        let message_id: String?
        let session: String
        let usage: Usage?

        var tokens: TokenCounts? {
            usage.map {
                TokenCounts(
                    uncachedInput: $0.input_tokens, cacheRead: $0.cache_read_input_tokens,
                    cacheWrite5m: $0.cache_creation.ephemeral_5m_input_tokens,
                    cacheWrite1h: $0.cache_creation.ephemeral_1h_input_tokens, output: $0.output_tokens)
            }
        }
    }

    private func truth() throws -> [String: Truth] {
        let requests = try Fixture.lines("claude-code/capture/truth.jsonl").map {
            try JSONDecoder().decode(Truth.self, from: Data($0))
        }
        let used = requests.filter { $0.usage != nil }
        #expect(used.count == 30)
        return Dictionary(uniqueKeysWithValues: used.map { ("anthropic:req:" + $0.request_id, $0) })
    }

    private func received(_ signal: OTLPSignal) throws -> [IntakeResult] {
        try Fixture.paths(below: "claude-code/capture/otlp", suffix: "-\(signal.rawValue).json").map {
            try Intake.forTests.read(try Fixture.bytes($0), signal)
        }
    }

    @Test func `events equal the truth, request by request`() throws {
        let truth = try truth()
        let results = try received(.logs)
        #expect(results.allSatisfy { $0.rejected.isEmpty })
        let observations = results.flatMap(\.observations)
        #expect(observations.count == 30)
        for observation in observations {
            let key = try #require(observation.keys.first)
            let expected = try #require(truth[key])
            #expect(observation.tokens == expected.tokens)
            #expect(observation.session == expected.session)
            #expect(observation.attribution.team == "platform")
        }
        #expect(Set(observations.map(\.id)).count == 30)
        let subagents = observations.filter { $0.attribution.caller == "subagent" }
        #expect(subagents.map(\.attribution.agentName) == ["general-purpose"])
    }

    @Test func `metrics add up to the truth, session by session`() throws {
        var expected: [String: TokenCounts] = [:]
        for request in try truth().values {
            guard let usage = request.usage else { continue }
            let tokens = TokenCounts(
                uncachedInput: usage.input_tokens, cacheRead: usage.cache_read_input_tokens,
                cacheWrite: usage.cache_creation_input_tokens, output: usage.output_tokens)
            expected[request.session] = (expected[request.session] ?? TokenCounts()) + tokens
        }
        let results = try received(.metrics)
        #expect(results.allSatisfy { $0.rejected.isEmpty })
        var sums: [String: TokenCounts] = [:]
        var cost: Int64 = 0
        for observation in results.flatMap(\.observations) {
            let session = try #require(observation.session)
            let point = try #require(observation.point)
            switch point.measure {
            case .cost: cost += point.value
            case .tokens(let tokenClass, let within):
                #expect(within == nil)
                sums[session, default: TokenCounts()][tokenClass] = (sums[session]?[tokenClass] ?? 0) + point.value
            }
        }
        #expect(sums == expected)
        let logged = try received(.logs).flatMap(\.observations).compactMap(\.cost).reduce(0) { $0 + $1.picodollars }
        #expect(cost == logged)
    }

    @Test func `session files equal the truth after the larger count of each class is kept`() throws {
        let truth = try truth()
        var calls: [String: TokenCounts] = [:]
        var sessions: [String: Set<String>] = [:]
        var lines = 0
        for path in try Fixture.paths(below: "claude-code/capture/transcripts", suffix: ".jsonl") {
            let result = try Intake.forTests.readTranscript(
                try Fixture.bytes(path), of: Harness(rawValue: "claude-code"), file: path, receivedTime: Intake.noon)
            #expect(result.rejected.isEmpty)
            for observation in result.observations {
                lines += 1
                let key = try #require(observation.keys.first)
                var tokens = try #require(observation.tokens)
                #expect(observation.attribution.project == "proj")
                tokens.reasoning = nil
                calls[key] = calls[key]?.fieldwiseMaximum(tokens) ?? tokens
                sessions[key, default: []].insert(try #require(observation.session))
            }
        }
        #expect(lines == 41)
        #expect(calls == truth.compactMapValues(\.tokens))
        #expect(sessions == truth.mapValues { [$0.session] })
    }
}
