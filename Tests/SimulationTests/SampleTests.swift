import Harnesses
import Metering
import Reconciliation
import Support
import Testing

/// Every sample in any subset, any order, any repetition counts what `expected.json` says: the calls that some chosen file
/// names, or all of them where only sums were chosen.
@Suite struct SampleTests {
    private static let claudeSession = "3f2b8c1e-6a4d-4c7b-9e55-0d1f2a3b4c5d"

    /// One line for each sample that is read; files that tell of one channel together stand together.
    static let table: [Sample] = [
        Sample(
            family: "claude-code", harness: "claude-code", form: .logs, files: ["claude-code-otel-logs.json"],
            calls: [0, 1, 2]),
        Sample(
            family: "claude-code", harness: "claude-code", form: .traces, files: ["claude-code-otel-traces.json"],
            calls: [0, 1, 2]),
        Sample(
            family: "claude-code", harness: "claude-code", form: .transcript,
            files: ["claude-code-transcript.jsonl", "claude-code-transcript-subagent.jsonl"], calls: [0, 1, 2]),
        Sample(
            family: "claude-code", harness: "claude-code", form: .metrics, files: ["claude-code-otel-metrics.json"],
            calls: nil),
        Sample(
            family: "claude-code", harness: "claude-code", form: .result, files: ["claude-code-cli-json.json"],
            calls: nil),
        Sample(
            family: "claude-code", harness: "claude-code", form: .result, files: ["claude-code-cli-stream-json.jsonl"],
            calls: nil),
        Sample(
            family: "claude-code", harness: "claude-code", form: .response, files: ["claude-code-http-response.json"],
            provider: "anthropic", calls: [0], session: Self.claudeSession),
        Sample(
            family: "claude-code", harness: "claude-code", form: .response, files: ["claude-code-http-sse.jsonl"],
            provider: "anthropic", calls: [0], session: Self.claudeSession,
            // What a gateway has read in the header of the answer; the events do not repeat it.
            request: "req_011CZxA1aaaaaaaaaaaaaaaa"),
        Sample(family: "codex", harness: "codex", form: .transcript, files: ["codex-rollout.jsonl"], calls: [0, 1]),
        Sample(family: "codex", harness: "codex", form: .logs, files: ["codex-otel-logs.json"], calls: [0, 1]),
        Sample(family: "codex", harness: "codex", form: .traces, files: ["codex-otel-traces.json"], calls: nil),
        Sample(family: "codex", harness: "codex", form: .result, files: ["codex-exec.jsonl"], calls: nil),
        Sample(family: "codex", harness: "codex", form: .result, files: ["codex-app-server.jsonl"], calls: nil),
        Sample(family: "codex", harness: "codex", form: .metrics, files: ["codex-otel-metrics.json"], calls: nil),
        Sample(
            family: "codex", harness: "codex", form: .response, files: ["codex-http-response.json"],
            provider: "openai-responses",
            calls: [1], session: "0199c2a4-7b1e-7c30-9f11-5a2d3e4f5061"),
        Sample(
            family: "codex-rollout-legacy.jsonl", harness: "codex", form: .transcript,
            files: ["codex-rollout-legacy.jsonl"], calls: [0, 1]),
        Sample(
            family: "codex-rollout-counter-decrease.jsonl", harness: "codex", form: .transcript,
            files: ["codex-rollout-counter-decrease.jsonl"], calls: [0, 1, 2]),
        Sample(
            family: "claude-code-otel-logs-legacy-strings.json", harness: "claude-code", form: .logs,
            files: ["claude-code-otel-logs-legacy-strings.json"], calls: [0]),
        Sample(
            family: "claude-code-transcript-edge.jsonl", harness: "claude-code", form: .transcript,
            files: ["claude-code-transcript-edge.jsonl"], calls: [0, 1, 2, 3, 4, 5, 6]),
        Sample(family: "genai", harness: "", form: .traces, files: ["genai-otel-traces.json"], calls: [0]),
    ]

    static let families = Array(Set(table.map(\.family))).sorted()

    @Test(arguments: families) func `any subset, order and repetition gives what is expected`(family: String) throws {
        let samples = Self.table.filter { $0.family == family }
        let expected = try Samples.calls(family).map(\.figures)
        let observations = try samples.map { try $0.observations() }
        for (sample, read) in zip(samples, observations) { #expect(!read.isEmpty, "\(sample.files) says nothing") }
        var random = SeededRandom(seed: 1)
        for subset in 1..<(1 << samples.count) {
            let chosen = samples.indices.filter { subset >> $0 & 1 == 1 }
            let total = Self.total(of: chosen.map { samples[$0] }, expected)
            let given = chosen.flatMap { observations[$0] }
            for round in 0..<(samples.count > 5 ? 2 : 20) {
                let sent = (round.isMultiple(of: 2) ? given : given + given + given).shuffled(using: &random)
                let counted = try Self.counted(sent, &random)
                #expect(counted == total, "\(chosen.map { samples[$0].files }), round \(round)")
            }
        }
    }

    /// What is expected of a choice: the calls it names, or their sum.
    private static func total(of chosen: [Sample], _ expected: [SampleFigures]) -> SampleFigures {
        var named: Set<Int> = []
        for sample in chosen { named.formUnion(sample.calls ?? []) }
        let calls = named.isEmpty ? Set(expected.indices) : named
        return calls.reduce(into: SampleFigures()) { $0 += expected[$1] }
    }

    /// What stands after everything was told and settled, with restarts in between.
    private static func counted(_ observations: [Observation], _ random: inout SeededRandom) throws -> SampleFigures {
        var reconciler = Reconciler(state: MemoryState())
        var calls: [Int64: Call] = [:]
        func keep(_ transaction: CallTransaction?) {
            for call in transaction?.calls ?? [] { calls[call.number] = call }
        }
        for observation in observations {
            if case .changed(let transaction) = reconciler.accept(observation) { keep(transaction) }
            if Int.random(in: 0..<8, using: &random) == 0 { try reconciler.state.restart() }
            if Int.random(in: 0..<8, using: &random) == 0, let scope = reconciler.state.unsettledScopes.first {
                keep(reconciler.settle(scope))
            }
        }
        for scope in reconciler.state.unsettledScopes { keep(reconciler.settle(scope)) }
        return calls.values.filter { !$0.isRetracted }.reduce(into: SampleFigures()) { $0 += SampleFigures($1.tokens) }
    }
}
