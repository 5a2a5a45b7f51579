import Metering
import Pipeline
import Reconciliation
import Support
import Testing
import Wire

@testable import DedupeService

/// Generated histories through the database, closed and opened again in between, beside the same through memory.
@Suite struct StoredHistoryTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test(arguments: 0..<10)
    func `the database remembers what memory remembers`(batch: Int) throws {
        for seed in batch * 12..<(batch + 1) * 12 {
            let observations = GeneratedSessions(seed: UInt64(seed)).observations
            var dice = Dice(seed: UInt64(seed) ^ 77)
            let sent = (observations + observations.prefix(3)).shuffled(using: &dice)
            let stored = try stored(sent, folder.subfolder("\(seed)"), &dice)
            #expect(stored == remembered(sent), "seed \(seed)")
        }
    }

    private func stored(_ sent: [Observation], _ path: String, _ dice: inout Dice) throws -> [String] {
        var producer = Producer()
        var store: DedupeStore? = try open(path)
        for piece in sent.pieces(of: 5) {
            try store?.apply([producer.frame(piece)])
            guard dice.once(in: 3) else { continue }
            // One store at a time may have the folder.
            store = nil
            store = try open(path)
        }
        let last = try #require(store)
        try last.apply([], settling: try last.unsettledScopes())
        return try last.standing().values.map(\.facts).sorted()
    }

    private func open(_ path: String) throws -> DedupeStore {
        try DedupeStore(folder: path, capacity: .init(calls: 2, keys: 2, scopes: 1, aggregates: 1))
    }

    private func remembered(_ sent: [Observation]) -> [String] {
        var reconciler = Reconciler(state: MemoryState())
        var calls: [Int64: Call] = [:]
        func keep(_ transaction: CallTransaction?) {
            for call in transaction?.calls ?? [] { calls[call.number] = call }
        }
        for observation in sent {
            if case .changed(let transaction) = reconciler.accept(observation) { keep(transaction) }
        }
        for scope in reconciler.state.unsettledScopes { keep(reconciler.settle(scope)) }
        return calls.values.filter { !$0.isRetracted }.map(\.facts).sorted()
    }
}

extension Call {
    /// What it says, without number and revision, which depend on the order.
    fileprivate var facts: String {
        let omitted = evidence.omitted.map { "\($0.key) \($0.value)" }.sorted()
        return "\(key) \(scope) \(eventTime) \(tokens) \(String(describing: reportedCost)) \(quality) "
            + "\(evidence.items) \(omitted)"
    }
}
