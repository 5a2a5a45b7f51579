import Harnesses
import Metering
import Support
import Testing

/// What a real Codex sent, wrote and printed, through the cores in one process: each channel alone, and all in any order.
@Suite struct RecordedCodexTests {
    private let observations: [Channel: [Observation]]
    private let truth: Books
    private let cores: CoreRun

    init() throws {
        (observations, truth) = try Self.recorded.get()
        cores = try CoreRun()
    }

    /// The run, read once for all tests.
    private static let recorded = Result { try read() }

    private static func read() throws -> (observations: [Channel: [Observation]], truth: Books) {
        let capture = try CodexCapture.recorded()
        let intake = Intake(catalog: .standard, identityPolicy: .drop)
        let harness = Harness(rawValue: "codex")
        // Each command ended before the next began; their output was sent later.
        let start = try #require(Timestamp(rfc3339: "2026-11-21T00:44:00Z"))
        func minute(_ count: Int) -> Timestamp {
            Timestamp(nanoseconds: start.nanoseconds + Int64(count) * 60_000_000_000)
        }
        var read: [IntakeResult] = []
        for body in capture.logs {
            read.append(try intake.read(body, signal: .logs, encoding: .protobuf, receivedTime: minute(1)))
        }
        for body in capture.metrics {
            read.append(try intake.read(body, signal: .metrics, encoding: .protobuf, receivedTime: minute(1)))
        }
        for (path, bytes) in capture.rollouts {
            read.append(try intake.readTranscript(bytes, of: harness, file: path, receivedTime: minute(30)))
        }
        for (index, result) in capture.results.enumerated() {
            let isLater = result.name == "resume" || result.name == "fork"
            let invocation = Invocation(
                run: result.name, parentSession: isLater ? CodexCapture.parent : nil, startTime: minute(2 * index),
                endTime: minute(2 * index + 1))
            read.append(
                try intake.readResult(
                    result.bytes, of: harness, invocation: invocation, receivedTime: minute(40)))
        }
        let all = read.flatMap(\.events).compactMap { event -> Observation? in
            if case .observation(let observation) = event { observation } else { nil }
        }
        #expect(all.count == read.flatMap(\.events).count, "nothing of a real run is rejected")
        return (Dictionary(grouping: all, by: \.channel), capture.truth)
    }

    /// Usage alone: aggregates are no calls, and what has no model has no price.
    private func usage(_ tally: Tally) -> Tally {
        var usage = tally
        usage.calls = 0
        usage.picodollars = 0
        return usage
    }

    @Test func `the run has every channel`() {
        #expect(truth.total.calls == 13)
        #expect(observations[.log]?.count == 13)
        #expect(observations[.transcript]?.count == 13)
        #expect(observations[.metric]?.count == 35)
        #expect(observations[.result]?.isEmpty == false)
    }

    @Test(arguments: [Channel.log, .transcript], 1...10)
    func `any order of one channel that names calls gives the truth`(channel: Channel, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let view = try cores.ledger(of: (observations[channel] ?? []).shuffled(using: &random), &random)
        let differences = view.books.differences(from: truth)
        #expect(differences.isEmpty, "\(channel), seed \(seed): \(differences.joined(separator: "\n"))")
    }

    @Test(arguments: 1...10) func `any order of results alone gives each thread's usage`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let once = observations[.result] ?? []
        let view = try cores.ledger(of: (once + once).shuffled(using: &random), &random)
        var sessions = Books()
        for (account, tally) in truth.mapped(usage).accounts {
            sessions.add(tally, to: Books.Account(session: account.session, model: "(none)"))
        }
        let differences = view.books.mapped(usage).differences(from: sessions)
        #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
    }

    @Test(arguments: 1...10) func `any order of metrics alone gives their sums`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let view = try cores.ledger(of: (observations[.metric] ?? []).shuffled(using: &random), &random)
        #expect(usage(view.books.total) == usage(truth.total), "seed \(seed)")
        #expect(view.books.total.picodollars == truth.total.picodollars, "seed \(seed)")
    }

    @Test(arguments: 1...40) func `any order of all channels, repeated or not, gives the truth`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let once = observations.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { $0.value }
        let all = seed.isMultiple(of: 2) ? once : once + once
        let view = try cores.ledger(of: all.shuffled(using: &random), &random)
        let differences = view.books.differences(from: truth)
        #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
    }

    @Test(
        arguments: [[Channel.log, .metric], [.transcript, .metric], [.transcript, .result], [.log, .result]], 1...10)
    func `any two channels give the truth`(channels: [Channel], seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let some = channels.flatMap { observations[$0] ?? [] }
        let view = try cores.ledger(of: some.shuffled(using: &random), &random)
        let differences = view.books.differences(from: truth)
        #expect(differences.isEmpty, "\(channels), seed \(seed): \(differences.joined(separator: "\n"))")
    }
}
