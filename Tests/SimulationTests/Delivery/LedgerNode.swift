import Ledger
import Metering
import Pipeline
import Rating
import Support
import Wire

/// Pricing, which keeps nothing: the real rater on the way from one frame to the next.
struct PricingNode {
    private var rater: Rater

    init(_ book: PriceBook) {
        rater = Rater(book: book)
    }

    mutating func transform(_ frame: [UInt8]) throws -> [UInt8] {
        let batch = try Batch(decoding: frame)
        let events = try batch.events.indices.map { index in
            var reader = batch.reader(index)
            let calls = try CallTransaction(from: &reader).calls
            return ChargeTransaction(charges: calls.map { Charge(call: $0, rating: rater.rate($0)) }).json
        }
        return Batch.encode(stream: batch.stream, first: batch.first, low: batch.low, events: events)
    }
}

/// A query: charges by key with their highest revision, and the changes that made them.
struct LedgerNode {
    /// One revision of one charge that was applied, and what it changed in the sums.
    struct Entry {
        let sequence: Int64
        let charge: Charge
        let before: Charge?
    }

    private struct Store {
        var windows: [String: UnorderedReceiveWindow] = [:]
        var charges: [CallKey: Charge] = [:]
        var changes: [Entry] = []
    }

    private var store = Store()
    private let mutation: Mutation?

    init(_ mutation: Mutation?) {
        self.mutation = mutation
    }

    /// Every change, in order.
    var changes: [Entry] { store.changes }
    /// The charges that stand.
    var standing: [Charge] { store.charges.values.filter { !$0.call.isRetracted } }

    /// Takes a frame in, in one transaction; see ``DedupeNode/receive(_:dies:)``.
    mutating func receive(_ frame: [UInt8], dies: Bool) throws -> SentWatermark? {
        let batch = try Batch(decoding: frame)
        var next = store
        var window = next.windows[batch.stream] ?? UnorderedReceiveWindow()
        let admission = window.admit(batch)
        next.windows[batch.stream] = window
        if mutation == .splitTransaction { store.windows = next.windows }
        for index in admission.applicable.joined() {
            var reader = batch.reader(index)
            for charge in try ChargeTransaction(from: &reader).charges {
                let known = next.charges[charge.call.key]
                guard charge.call.revision > known?.call.revision ?? 0 else { continue }
                next.charges[charge.call.key] = charge
                next.changes.append(Entry(sequence: Int64(next.changes.count + 1), charge: charge, before: known))
            }
        }
        if dies { return nil }
        store = next
        let past: Int64 = mutation == .watermarkOffByOne ? 1 : 0
        return SentWatermark(stream: batch.stream, through: window.watermark + past)
    }
}
