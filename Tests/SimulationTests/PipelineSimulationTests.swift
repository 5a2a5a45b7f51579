import Ledger
import Metering
import PriceSheets
import Rating
import Reporting
import Support
import Testing
import Wire

/// All stages in one process under seeded faults; an auditor recounts from the observations alone.
@Suite struct PipelineSimulationTests {
    private static let batches = 20
    private static let seedsPerBatch = 20
    private let book: PriceBook

    init() throws {
        book = PriceBook(list: try PriceSheets.embedded())
    }

    @Test(arguments: 0..<batches)
    func `the ledger is what the auditor counts, and both kinds of subscribers end there`(batch: Int) throws {
        for seed in batch * Self.seedsPerBatch..<(batch + 1) * Self.seedsPerBatch {
            let observations = GeneratedSessions(seed: UInt64(seed)).observations
            var simulation = PipelineSimulation(observations, seed: UInt64(seed) ^ 0xfa17, book: book)
            try simulation.run()
            #expect(simulation.accepted == Set(observations.map(\.id)).count, "seed \(seed)")
            try audit(simulation, observations, seed)
            try subscribe(simulation, seed)
            try compareReconciliations(simulation, seed)
        }
    }

    @Test func `something fails in every run`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var simulation = PipelineSimulation(GeneratedSessions(seed: seed).observations, seed: seed, book: book)
            try simulation.run()
            #expect(simulation.faults > 0, "seed \(seed)")
        }
    }

    /// The auditor counts the observations naively and compares every standing entry, not sums alone.
    private func audit(_ simulation: PipelineSimulation, _ observations: [Observation], _ seed: Int) throws {
        let oracle = Oracle(observations)
        var expected: [String] = oracle.calls.map { name, verdict in
            Self.line(verdict.scope, name.key.rawValue, verdict.tokens, verdict.cost)
        }
        for (name, verdict) in oracle.aggregates {
            expected.append(Self.line(name.scope, "aggregate", verdict.tokens, verdict.cost))
        }
        let found = simulation.standing.map { entry in
            let key = entry.key.kind == .aggregate ? "aggregate" : entry.key.rawValue
            return Self.line(entry.scope, key, entry.facts.tokens, entry.facts.reportedCost)
        }
        #expect(found.sorted() == expected.sorted(), "seed \(seed)")
    }

    private static func line(_ scope: Scope, _ key: String, _ tokens: TokenCounts, _ cost: Amount?) -> String {
        "\(scope) \(key) \(tokens) \(cost?.description ?? "-")"
    }

    /// One subscriber adds up every delta once, the other keeps the highest revision of each call.
    private func subscribe(_ simulation: PipelineSimulation, _ seed: Int) throws {
        var (tokens, reported, computed, calls) = (TokenCounts(), AmountTotal.zero, AmountTotal.zero, Int64(0))
        var newest: [Int64: Charge] = [:]
        for (index, text) in simulation.changes.enumerated() {
            var reader = JSONReader(text)
            let change = try Change(from: &reader)
            #expect(change.sequence == Int64(index + 1), "seed \(seed)")
            tokens = tokens + change.delta.tokens
            reported += change.delta.reportedCost
            computed += change.delta.computedCost
            calls += change.delta.calls
            let call = change.charge.call
            if call.revision > newest[call.number]?.call.revision ?? 0 { newest[call.number] = change.charge }
        }
        let standing = simulation.standing
        let kept = newest.values.filter { !$0.call.isRetracted }
        for tokenClass in TokenClass.allCases {
            let truth = standing.reduce(0) { $0 + ($1.facts.tokens[tokenClass] ?? 0) }
            #expect(tokens[tokenClass] ?? 0 == truth, "seed \(seed), deltas of \(tokenClass)")
            #expect(
                kept.reduce(0) { $0 + ($1.call.tokens[tokenClass] ?? 0) } == truth,
                "seed \(seed), revisions of \(tokenClass)")
        }
        #expect(reported.picodollars == standing.reduce(0) { $0 + Int128($1.facts.reportedCost?.picodollars ?? 0) })
        #expect(computed.picodollars == standing.reduce(0) { $0 + Int128($1.facts.computedCost?.picodollars ?? 0) })
        #expect(calls == Int64(standing.count { $0.facts.marks.contains(.call) }))
        #expect(Set(kept.map(\.call.key)) == Set(standing.map(\.key)))
    }

    /// The ledger ends with the newest reconciliation of every scope, though pricing changed their order.
    private func compareReconciliations(_ simulation: PipelineSimulation, _ seed: Int) throws {
        let expected = simulation.expectedReconciliations.filter { !$0.value.entries.isEmpty }
        for (scope, record) in expected {
            #expect(simulation.reconciliations[scope] == record, "seed \(seed), \(scope)")
        }
    }
}
