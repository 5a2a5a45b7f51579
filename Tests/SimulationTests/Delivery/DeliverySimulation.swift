import Pipeline
import Rating
import Support

/// A promise that is broken on purpose, to see that the simulation notices.
enum Mutation: CaseIterable {
    case acknowledgementsOff
    case answerBeforeSynchronizing
    case splitTransaction
    case watermarkOffByOne
    case keysOfTheSession
}

/// The whole pipeline in one process under one seed: real spool, windows, reconciler and rater; a disk that forgets, a
/// network that loses, processes that die anywhere, agents that repeat themselves.
struct DeliverySimulation {
    private var random: SeededRandom
    private var now = MonotonicInstant(nanoseconds: 0)
    private var ingest: IngestNode
    private var dedupe: DedupeNode
    private var pricing: PricingNode
    private var ledger: LedgerNode
    private var observations: SimulatedNetwork<[UInt8]>
    private var calls: SimulatedNetwork<[UInt8]>
    private var charges: SimulatedNetwork<[UInt8]>
    private var observationWatermarks: SimulatedNetwork<SentWatermark>
    private var chargeWatermarks: SimulatedNetwork<SentWatermark>
    private let auditor: Auditor
    private var crashPercent: Int

    init(seed: UInt64, book: PriceBook, mutation: Mutation? = nil) throws {
        random = SeededRandom(seed: seed)
        let loss = Int.random(in: 0...30, using: &random)
        crashPercent = Int.random(in: 0...8, using: &random)
        auditor = Auditor(calls: Int.random(in: 1...10, using: &random), using: &random)
        ingest = try IngestNode(mutation)
        dedupe = DedupeNode(mutation)
        pricing = PricingNode(book)
        ledger = LedgerNode(mutation)
        observations = SimulatedNetwork(lossPercent: loss)
        calls = SimulatedNetwork(lossPercent: loss)
        charges = SimulatedNetwork(lossPercent: loss)
        observationWatermarks = SimulatedNetwork(lossPercent: loss)
        chargeWatermarks = SimulatedNetwork(lossPercent: loss)
    }

    /// Runs until everything has come through; gives how the books differ from the truth.
    mutating func run() throws -> [String] {
        var waiting = auditor.requests
        while let request = waiting.last {
            // An agent repeats what has no answer; what was answered it forgets.
            if try ingest.take(request, dies: random.happens(crashPercent), using: &random) { waiting.removeLast() }
            try step()
        }
        // From here on nothing breaks, so that an end is reached.
        crashPercent = 0
        observations.lossPercent = 0
        calls.lossPercent = 0
        charges.lossPercent = 0
        observationWatermarks.lossPercent = 0
        chargeWatermarks.lossPercent = 0
        dedupe.settle()
        for _ in 0..<400 {
            try step()
            if ingest.isDrained, dedupe.isDrained { break }
        }
        guard ingest.isDrained, dedupe.isDrained else { return ["nothing moves any more"] }
        return auditor.differences(in: ledger)
    }

    private mutating func step() throws {
        now = now + .milliseconds(100)
        try crash()
        try ingest.pump(onto: &observations, at: now, using: &random)
        for frame in observations.arrivals(at: now, using: &random) {
            guard let watermark = try dedupe.receive(frame, dies: random.happens(crashPercent)) else { continue }
            observationWatermarks.send(watermark, at: now, using: &random)
        }
        try dedupe.pump(onto: &calls, at: now, using: &random)
        for frame in calls.arrivals(at: now, using: &random) {
            charges.send(try pricing.transform(frame), at: now, using: &random)
        }
        for frame in charges.arrivals(at: now, using: &random) {
            guard let watermark = try ledger.receive(frame, dies: random.happens(crashPercent)) else { continue }
            chargeWatermarks.send(watermark, at: now, using: &random)
        }
        for watermark in observationWatermarks.arrivals(at: now, using: &random) {
            try ingest.receive(watermark, at: now)
        }
        for watermark in chargeWatermarks.arrivals(at: now, using: &random) { try dedupe.receive(watermark, at: now) }
    }

    /// Between two steps any process may die, and with it what its sockets held.
    private mutating func crash() throws {
        if random.happens(crashPercent) {
            try ingest.restart(using: &random)
            observations.drop()
        }
        if random.happens(crashPercent) {
            dedupe.restart()
            calls.drop()
            observationWatermarks.drop()
        }
        if random.happens(crashPercent) { charges.drop() }
        if random.happens(crashPercent) { chargeWatermarks.drop() }
    }
}
