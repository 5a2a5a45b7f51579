import Foundation
import Harnesses
import Metering
import Reconciliation
import Support
import Testing

/// The same calls of one conversation on every channel of a harness: any part of it, in any order, any number of times,
/// counts each call once.
@Suite struct HarnessSampleTests {
    /// What a harness's samples tell alike.
    struct Group: Sendable, CustomTestStringConvertible {
        let harness: String
        /// Folders of inputs that report every call, and all of its classes.
        let calls: [String]
        /// Folders that report all that was used, as sums.
        var sums: [String] = []
        /// Folders that report some of the calls; of sums beside them nothing is counted that a call reports.
        var someCalls: [String] = []
        /// Folders with sums that do not know every class.
        var someSums: [String] = []
        /// What was used, what it cost by those who know, and in how many calls.
        let tokens: TokenCounts
        var cost = "0"
        let count: Int

        var testDescription: String { harness }
        var folders: [String] { calls + sums + someCalls + someSums }

        /// Whether these folders together tell everything.
        func isComplete(_ folders: [String]) -> Bool {
            func contains(_ some: [String]) -> Bool { folders.contains(where: some.contains) }
            return contains(calls) || contains(sums) && !contains(someCalls)
        }
    }

    static let groups = [
        Group(
            harness: "gemini-cli", calls: ["otel-logs"], sums: ["otel-metrics", "result-json", "result-stream-json"],
            someCalls: ["chat", "chat-document"], someSums: ["otel-traces"],
            tokens: TokenCounts(uncachedInput: 3108, cacheRead: 8192, output: 940, reasoning: 600), count: 2),
        Group(
            harness: "qwen-code", calls: ["otel-logs"], sums: ["result-json"], someCalls: ["otel-traces", "chat"],
            tokens: TokenCounts(uncachedInput: 8914, cacheRead: 4000, output: 126, reasoning: 69), count: 2),
        Group(
            harness: "opencode", calls: ["parts", "run-format-json", "server-events", "database-rows"],
            someCalls: ["message", "message-rows", "otel-traces"],
            tokens: TokenCounts(uncachedInput: 1500, cacheRead: 18600, cacheWrite: 600, output: 610, reasoning: 40),
            cost: "0.023", count: 2),
        Group(
            harness: "copilot", calls: ["otel-traces", "otel-export"], sums: ["session-shutdown"],
            tokens: TokenCounts(uncachedInput: 1705, cacheRead: 512, cacheWrite: 128, output: 91), count: 1),
        Group(
            harness: "genai", calls: ["otel-traces", "otel-events"], sums: ["otel-metrics-counters"],
            someSums: ["otel-metrics-histogram"],
            tokens: TokenCounts(uncachedInput: 12, cacheRead: 18452, cacheWrite: 2310, output: 830, reasoning: 311),
            count: 1),
        Group(
            harness: "cline", calls: ["otel-logs"], sums: ["otel-metrics"],
            tokens: TokenCounts(uncachedInput: 120, cacheRead: 20, cacheWrite: 40, output: 80), cost: "0.0123", count: 1
        ),
        Group(
            harness: "goose", calls: ["otel-traces"], sums: ["database-rows"], someSums: ["otel-metrics"],
            tokens: TokenCounts(uncachedInput: 7944, output: 448), count: 1),
        Group(
            harness: "kimi", calls: ["status-updates"],
            tokens: TokenCounts(uncachedInput: 420, cacheRead: 55, cacheWrite: 2, output: 430), count: 2),
    ]

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../HarnessesTests/Fixtures").standardizedFileURL

    /// What the inputs of a folder say.
    private func observations(_ group: Group, _ folder: String) throws -> [Observation] {
        let intake = Intake(identityPolicy: .drop)
        let root = Self.fixtures.appending(path: group.harness + "/" + folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
            .filter { $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") }
        return try paths.flatMap { path -> [Observation] in
            let text = Array(try Data(contentsOf: root.appending(path: path)))
            let time = Timestamp(seconds: 1_800_000_000)
            let result: IntakeResult
            if path.hasPrefix("request") {
                let signal: OTLPSignal =
                    folder.contains("metrics") ? .metrics : folder.contains("traces") ? .traces : .logs
                result = try intake.read(text, signal: signal, encoding: .json, receivedTime: time)
            } else if path.hasPrefix("result") {
                result = try intake.readResult(
                    text, of: Harness(rawValue: group.harness), receivedTime: time)
            } else {
                result = try intake.readTranscript(
                    text, of: Harness(rawValue: group.harness), file: group.harness + "/" + folder + "/" + path,
                    receivedTime: time)
            }
            return result.events.compactMap { if case .observation(let observation) = $0 { observation } else { nil } }
        }
    }

    /// What consumers count in the end.
    private func counted(_ observations: [Observation], _ random: inout SeededRandom) throws -> [Call] {
        var reconciler = Reconciler(state: MemoryState())
        var calls: [CallKey: Call] = [:]
        func take(_ transaction: CallTransaction?) {
            for call in transaction?.calls ?? [] {
                if let known = calls[call.key], known.revision >= call.revision { continue }
                calls[call.key] = call
            }
        }
        for observation in observations {
            if case .changed(let transaction) = reconciler.accept(observation) { take(transaction) }
            if Int.random(in: 0..<6, using: &random) == 0, let scope = reconciler.state.unsettledScopes.first {
                take(reconciler.settle(scope))
            }
            if Int.random(in: 0..<20, using: &random) == 0 { try reconciler.state.restart() }
        }
        for scope in reconciler.state.unsettledScopes { take(reconciler.settle(scope)) }
        return calls.values.filter { !$0.isRetracted }
    }

    private func total(_ calls: [Call]) -> (tokens: TokenCounts, cost: Int64) {
        calls.reduce((TokenCounts(), 0)) { sum, call in
            (sum.0 + call.tokens, sum.1 + (call.reportedCost?.picodollars ?? 0))
        }
    }

    /// Classes that are zero may or may not be reported.
    private func withoutZeros(_ tokens: TokenCounts) -> TokenCounts {
        var tokens = tokens
        for tokenClass in TokenClass.allCases where tokens[tokenClass] == 0 { tokens[tokenClass] = nil }
        return tokens
    }

    @Test(arguments: groups, 1...40)
    func `any part of the samples, in any order, any number of times, counts no call twice`(
        group: Group, seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let folders = group.folders.filter { _ in Bool.random(using: &random) }
        var all = try folders.flatMap { try observations(group, $0) }
        all += all.filter { _ in Bool.random(using: &random) }
        let calls = try counted(all.shuffled(using: &random), &random)
        let (tokens, cost) = total(calls)
        let maximum = try #require(Amount(dollars: group.cost)).picodollars
        if group.isComplete(folders) {
            #expect(withoutZeros(tokens) == withoutZeros(group.tokens), "seed \(seed): \(folders)")
        } else {
            // What only some channels know, such as the cached part, may be missing; nothing is added.
            #expect(tokens.inputTokens ?? 0 <= group.tokens.inputTokens ?? 0, "seed \(seed): \(folders)")
            #expect(tokens.output ?? 0 <= group.tokens.output ?? 0, "seed \(seed): \(folders)")
        }
        if folders.contains(where: group.calls.contains) {
            #expect(calls.count == group.count, "seed \(seed): \(folders)")
        }
        #expect(cost <= maximum, "seed \(seed): \(folders)")
    }

    @Test(arguments: groups) func `each channel that tells everything gives everything`(group: Group) throws {
        for folder in group.calls + group.sums {
            var random = SeededRandom(seed: 1)
            let calls = try counted(try observations(group, folder), &random)
            #expect(withoutZeros(total(calls).tokens) == withoutZeros(group.tokens), "\(folder)")
        }
    }

    @Test(arguments: 1...20) func `a fork adds only what it says itself`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let group = Group(
            harness: "pi", calls: ["session"], someCalls: ["fork"],
            tokens: TokenCounts(uncachedInput: 62, cacheRead: 1000, cacheWrite: 200, output: 143, reasoning: 40),
            cost: "0.0123", count: 2)
        let all = try observations(group, "session") + observations(group, "fork")
        let calls = try counted((all + all).shuffled(using: &random), &random)
        #expect(calls.count == 3)
        #expect(
            total(calls).tokens == group.tokens + TokenCounts(uncachedInput: 9, cacheRead: 7, cacheWrite: 6, output: 8))
        let sessions = Set(calls.map(\.scope.session))
        #expect(sessions == ["0199aaaa-0000-7000-8000-000000000001", "0199bbbb-0000-7000-8000-000000000002"])
    }
}
