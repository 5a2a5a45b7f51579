import Harnesses
import Metering
import Support
import Testing

/// What a real agent sent, through the cores of ingest, dedupe and pricing in one process: every order, any repetition.
@Suite struct RecordedTelemetryTests {
    /// Every observation of the recorded run, by channel.
    private let observations: [Channel: [Observation]]
    private let truth: Books
    private let cores: CoreRun

    init() throws {
        let capture = try ClaudeCapture.recorded()
        let intake = Intake(catalog: .standard, identityPolicy: .drop)
        let received = Timestamp(seconds: 1_800_000_000)
        var results: [IntakeResult] = []
        for body in capture.logs {
            results.append(try intake.read(body, signal: .logs, encoding: .json, receivedTime: received))
        }
        for body in capture.metrics {
            results.append(try intake.read(body, signal: .metrics, encoding: .json, receivedTime: received))
        }
        for (index, lines) in capture.transcripts.enumerated() {
            let harness = Harness(rawValue: "claude-code")
            results.append(
                try intake.readTranscript(lines, of: harness, file: "\(index).jsonl", receivedTime: received))
        }
        let all = results.flatMap(\.events).compactMap { event -> Observation? in
            if case .observation(let observation) = event { observation } else { nil }
        }
        observations = Dictionary(grouping: all, by: \.channel)
        truth = capture.truth
        cores = try CoreRun()
    }

    @Test(arguments: 1...100) func `any order of all channels, repeated or not, gives the truth`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let once = observations.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { $0.value }
        let all = seed.isMultiple(of: 2) ? once : once + once + once
        let view = try cores.ledger(of: all.shuffled(using: &random), &random)
        let differences = view.books.differences(from: truth)
        #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
        #expect(view.reportedPicodollars == truth.total.picodollars, "seed \(seed)")
    }

    @Test(arguments: [Channel.log, .transcript], 1...20)
    func `any order of one channel that names calls gives the truth`(channel: Channel, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let view = try cores.ledger(of: (observations[channel] ?? []).shuffled(using: &random), &random)
        #expect(view.books.differences(from: truth).isEmpty, "seed \(seed)")
    }

    @Test(arguments: 1...20) func `any order of metrics alone gives their sums`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let view = try cores.ledger(of: (observations[.metric] ?? []).shuffled(using: &random), &random)
        let differences = view.books.mapped(\.withoutLifetimes).differences(from: truth.mapped(\.withoutLifetimes))
        #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
        #expect(view.reportedPicodollars == truth.total.picodollars, "seed \(seed)")
    }
}
