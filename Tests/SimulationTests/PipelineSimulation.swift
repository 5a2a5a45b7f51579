import Ledger
import Metering
import Pipeline
import PriceSheets
import Rating
import Reconciliation
import Reporting
import Support
import Wire

/// Dedupe, pricing and the ledger in one process: real cores and real delivery windows, and failures as a seed says.
///
/// Frames are lost, repeated and reordered; processes die between any two commits and inside them.
struct PipelineSimulation {
    /// What a dedupe process finds again after it died.
    fileprivate struct DedupeDisk {
        var reconciler = Reconciler(state: MemoryState())
        var windows: [String: OrderedReceiveWindow] = [:]
        var outbox: [[UInt8]] = []
        var accepted = 0
    }

    /// What a query process finds again after it died.
    fileprivate struct LedgerDisk {
        var window = UnorderedReceiveWindow()
        var entries: [Int64: ChargeEntry] = [:]
        var changes: [[UInt8]] = []
        var reconciliations: [Scope: ReconciliationRecord] = [:]
    }

    /// An ingest replica: its events, which it sends until dedupe's watermark has passed them.
    private struct Sender {
        let stream: String
        var events: [[UInt8]] = []
    }

    private var dice: Dice
    private var senders: [Sender]
    private var dedupe = DedupeDisk()
    private var ledger = LedgerDisk()
    private var raters: [Rater]
    /// How often something failed.
    private(set) var faults = 0

    init(_ observations: [Observation], seed: UInt64, book: PriceBook) {
        dice = Dice(seed: seed)
        senders = (0..<2).map { Sender(stream: "00000000-0000-4000-8000-00000000000\($0)") }
        raters = [Rater(book: book), Rater(book: book)]
        for observation in observations.shuffled(using: &dice) {
            let event = IngestEvent.observation(observation).json
            senders[dice.roll(2)].events.append(event)
            // A client's retry may reach the other replica.
            if dice.once(in: 4) { senders[dice.roll(2)].events.append(event) }
        }
    }

    /// The changes of the ledger as the feed publishes them, in order.
    var changes: [[UInt8]] { ledger.changes }
    /// What the ledger says of each scope.
    var reconciliations: [Scope: ReconciliationRecord] { ledger.reconciliations }
    /// What the reconciler says of each scope.
    var expectedReconciliations: [Scope: ReconciliationRecord] {
        var reconciler = dedupe.reconciler
        return Dictionary(
            uniqueKeysWithValues: reconciler.state.knownScopes.map { ($0, reconciler.reconciliation(of: $0)) })
    }
    /// How many observations dedupe took in, each once.
    var accepted: Int { dedupe.accepted }
    /// The entries that the ledger counts.
    var standing: [ChargeEntry] { ledger.entries.values.filter { !$0.isRetracted } }

    /// Runs until everything has arrived and everything that waits was settled.
    mutating func run() throws {
        while !isDone {
            switch dice.roll(8) {
            case 0..<3: try deliverObservations()
            case 3..<6: try deliverCalls()
            case 6: try dedupeTurn { try $0.settleOne() }
            default: try dedupeTurn { try $0.reportOne() }
            }
        }
    }

    private var isDone: Bool {
        let hasArrived = senders.allSatisfy { sender in
            (dedupe.windows[sender.stream]?.watermark ?? 0) == Int64(sender.events.count)
        }
        return hasArrived && dedupe.reconciler.state.unsettledScopes.isEmpty
            && dedupe.reconciler.state.unreportedScopes.isEmpty && ledger.window.watermark == Int64(dedupe.outbox.count)
    }

    private mutating func deliverObservations() throws {
        let sender = senders[dice.roll(2)]
        let watermark = dedupe.windows[sender.stream]?.watermark ?? 0
        guard !sender.events.isEmpty, let frame = frame(of: sender.events, sender.stream, after: watermark) else {
            return
        }
        try dedupeTurn { try $0.take(frame) }
    }

    /// One turn of dedupe: all of it becomes durable, or the process dies and none of it does.
    private mutating func dedupeTurn(_ turn: (inout DedupeDisk) throws -> Void) throws {
        var next = dedupe
        try turn(&next)
        guard !fails(in: 6) else { return }
        if dice.once(in: 8) { try next.reconciler.state.restart() }
        dedupe = next
    }

    private mutating func deliverCalls() throws {
        // Several pricing processes: what left earlier may arrive later.
        let reordered = ledger.window.watermark + Int64(dice.roll(6))
        let stream = "00000000-0000-4000-8000-0000000000dd"
        guard let frame = frame(of: dedupe.outbox, stream, after: reordered) else { return }
        let batch = try Batch(decoding: frame)
        let rater = dice.roll(2)
        var events: [[UInt8]] = []
        for index in batch.events.indices {
            var reader = batch.reader(index)
            let transaction = try CallTransaction(from: &reader)
            events.append(priced(transaction, by: rater))
        }
        var next = ledger
        try next.take(Batch(decoding: Batch.encode(stream: stream, first: batch.first, low: 1, events: events)))
        guard !fails(in: 6) else { return }
        ledger = next
    }

    private mutating func priced(_ transaction: CallTransaction, by rater: Int) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("charges")
            json.array { json in
                for call in transaction.calls {
                    json.charge(Charge(call: call, rating: raters[rater].rate(call)))
                }
            }
            json.key("reconciliations")
            json.array { json in
                for record in transaction.reconciliations { json.reconciliation(record) }
            }
        }
        return json.bytes
    }

    /// A frame of some events: from a while before the watermark up to a few after it; `nil` where it is lost.
    private mutating func frame(of events: [[UInt8]], _ stream: String, after watermark: Int64) -> [UInt8]? {
        let first = max(0, Int(watermark) - dice.roll(4))
        guard first < events.count, !fails(in: 5) else { return nil }
        let part = Array(events[first..<min(events.count, first + 1 + dice.roll(8))])
        return Batch.encode(stream: stream, first: Int64(first + 1), low: 1, events: part)
    }

    private mutating func fails(in times: Int) -> Bool {
        guard dice.once(in: times) else { return false }
        faults += 1
        return true
    }
}

extension PipelineSimulation.DedupeDisk {
    fileprivate mutating func take(_ frame: [UInt8]) throws {
        let batch = try Batch(decoding: frame)
        var window = windows[batch.stream] ?? OrderedReceiveWindow()
        for index in window.admit(batch).applicable.joined() {
            var reader = batch.reader(index)
            guard case .observation(let observation) = try IngestEvent(from: &reader) else { continue }
            switch reconciler.accept(observation, text: batch.bytes(index)) {
            case .changed(let transaction):
                outbox.append(transaction.json)
                accepted += 1
            case .waiting, .recorded: accepted += 1
            case .duplicate, .conflict: break
            }
        }
        windows[batch.stream] = window
    }

    fileprivate mutating func settleOne() throws {
        let waiting = reconciler.state.unsettledScopes.sorted { "\($0)" < "\($1)" }
        guard let scope = waiting.first, let transaction = reconciler.settle(scope) else { return }
        outbox.append(transaction.json)
    }

    fileprivate mutating func reportOne() throws {
        let waiting = reconciler.state.unreportedScopes.sorted { "\($0)" < "\($1)" }
        guard let scope = waiting.first, let transaction = reconciler.report(scope) else { return }
        outbox.append(transaction.json)
    }
}

extension PipelineSimulation.LedgerDisk {
    fileprivate mutating func take(_ batch: Batch) throws {
        for index in window.admit(batch).applicable.joined() {
            var reader = batch.reader(index)
            let start = Int64(changes.count)
            var texts: [(entry: ChargeEntry, charge: Charge)] = []
            try reader.object { key, json throws(JSONError) in
                switch key {
                case "charges":
                    try json.array { json throws(JSONError) in
                        let charge = try json.charge()
                        texts.append((ChargeEntry(charge), charge))
                    }
                case "reconciliations":
                    try json.array { json throws(JSONError) in keep(try json.reconciliation()) }
                default: try json.skip()
                }
            }
            let news = texts.filter { text in
                entries[text.entry.number].map { $0.version < text.entry.version } ?? true
            }
            for (entry, charge) in news {
                let before = entries[entry.number]?.facts ?? .nothing
                let change = Change(
                    epoch: "simulation", sequence: Int64(changes.count) + 1, transactionEnd: start + Int64(news.count),
                    recordedTime: charge.call.eventTime, charge: charge, delta: before.delta(to: entry.facts))
                changes.append(change.json)
                entries[entry.number] = entry
            }
        }
    }

    private mutating func keep(_ record: ReconciliationRecord) {
        guard record.revision > reconciliations[record.scope]?.revision ?? 0 else { return }
        reconciliations[record.scope] = record
    }
}
