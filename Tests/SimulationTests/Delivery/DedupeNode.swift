import Metering
import Pipeline
import Reconciliation
import Support
import Wire

/// A dedupe: the real reconciler over a store that keeps what was committed and forgets the rest.
struct DedupeNode {
    /// Everything that one transaction changes.
    private struct Store {
        var windows: [String: OrderedReceiveWindow] = [:]
        var reconciler = Reconciler(state: MemoryState())
        var outbox: [[UInt8]] = []
    }

    private var store = Store()
    private let outbox = CommittedOutbox()
    private(set) var sender: StreamSender
    private let mutation: Mutation?

    init(_ mutation: Mutation?) {
        self.mutation = mutation
        sender = StreamSender(outbox)
    }

    /// Takes a frame in, in one transaction.
    ///
    /// - Parameter dies: whether the process ends in the middle.
    /// - Returns: the watermark to publish; nothing when it died or the frame told nothing new.
    mutating func receive(_ frame: [UInt8], dies: Bool) throws -> SentWatermark? {
        let batch = try Batch(decoding: frame)
        var next = store
        var window = next.windows[batch.stream] ?? OrderedReceiveWindow()
        let admission = window.admit(batch)
        next.windows[batch.stream] = window
        if mutation == .splitTransaction { store.windows = next.windows }
        for index in admission.applicable.joined() {
            var reader = batch.reader(index)
            guard case .observation(var observation) = try IngestEvent(from: &reader) else { continue }
            if mutation == .keysOfTheSession { observation.forgetGlobalKeys() }
            if case .changed(let transaction) = next.reconciler.accept(observation) {
                next.outbox.append(transaction.json)
            }
        }
        if dies {
            restart()
            return nil
        }
        commit(next)
        let past: Int64 = mutation == .watermarkOffByOne ? 1 : 0
        return SentWatermark(stream: batch.stream, through: window.watermark + past)
    }

    /// Publishes aggregates whose grace is over.
    mutating func settle() {
        var next = store
        for scope in next.reconciler.state.unsettledScopes {
            if let transaction = next.reconciler.settle(scope) { next.outbox.append(transaction.json) }
        }
        commit(next)
    }

    /// The process ends; the next one begins with what was committed.
    mutating func restart() {
        sender = StreamSender(outbox)
    }

    mutating func pump(
        onto network: inout SimulatedNetwork<[UInt8]>, at now: MonotonicInstant, using random: inout SeededRandom
    ) throws {
        try sender.pump(onto: &network, at: now, using: &random, forgets: mutation == .acknowledgementsOff)
    }

    mutating func receive(_ watermark: SentWatermark, at now: MonotonicInstant) throws {
        try sender.acknowledge(through: watermark.through, at: now)
    }

    /// Whether everything was acknowledged.
    var isDrained: Bool { outbox.low >= outbox.next }

    private mutating func commit(_ next: Store) {
        store = next
        outbox.append(store.outbox)
        store.outbox = []
    }
}

/// An outbox in memory that holds what was committed.
final class CommittedOutbox: Outbox {
    let stream = StreamID()
    private(set) var low: SequenceNumber = 1
    private var events: [[UInt8]] = []

    var next: SequenceNumber { low + Int64(events.count) }

    func append(_ new: [[UInt8]]) { events += new }

    func read(from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int) -> [ArraySlice<UInt8>] {
        events.dropFirst(Int(sequence - low)).prefix(maximumEvents).map { $0[...] }
    }

    func trim(through sequence: SequenceNumber) {
        let count = min(max(0, Int(sequence - low + 1)), events.count)
        events.removeFirst(count)
        low += Int64(count)
    }
}

extension Observation {
    /// What a counter does that knows a call by its session: a copy in another session is another call.
    fileprivate mutating func forgetGlobalKeys() {
        guard case .call(let keys, let tokens, let cost) = content else { return }
        let own = keys.map { CallKey(rawValue: "\($0.rawValue)@\(session ?? "")") }
        content = .call(keys: own, tokens: tokens, cost: cost)
    }
}
