import Logging
import Metering
import Pipeline
import Testing
import Wire

@testable import DedupeService

/// The stage over real sockets: an ingest before it, a ledger after it.
@Suite(.timeLimit(.minutes(30)))
struct DedupeStageTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test func `observations go in, calls come out, and both sides are acknowledged`() throws {
        let telemetry = Telemetry(calls: 600, seed: 9)
        let ledger = try Ledger()
        let spool = MemoryOutbox(telemetry.observations.map { IngestEvent.observation($0).json })
        var stage = try Self.stage(folder, ledger)
        var ingest = try Outlet(
            .init(batches: stage.links.observations.counterpart, watermarks: stage.links.watermarks.counterpart),
            in: ledger.environment)
        try ingest.attach(spool)
        try ledger.connect(to: stage.links.calls)
        let end = MonotonicClock.system.now + .seconds(300)
        repeat {
            _ = try ingest.pump(at: MonotonicClock.system.now)
            _ = try stage.turn(Turn(clock: .system))
            try ledger.receive()
        } while (!spool.isEmpty || ledger.output(single: true) != telemetry.output) && MonotonicClock.system.now < end
        #expect(spool.isEmpty)
        #expect(ledger.output(single: true) == telemetry.output)

        // Told to stop, it takes nothing more, and ends when the ledger has everything.
        var next = NextTurn.immediately
        while next != .finished, MonotonicClock.system.now < end {
            try ledger.receive()
            next = try stage.turn(Turn(clock: .system, isDraining: true))
        }
        #expect(next == .finished)
    }

    @Test func `aggregates are handed on after their grace, also those of before a restart`() throws {
        var producer = Producer()
        do {
            let store = try DedupeStore(folder: folder.path)
            try store.apply([producer.frame([Telemetry.point(1, value: 40)])])
            #expect(store.outbox.isEmpty)
        }
        let ledger = try Ledger()
        var stage = try Self.stage(folder, ledger, grace: .milliseconds(50))
        try ledger.connect(to: stage.links.calls)
        let end = MonotonicClock.system.now + .seconds(300)
        while ledger.output(single: false) == 0, MonotonicClock.system.now < end {
            _ = try stage.turn(Turn(clock: .system))
            try ledger.receive()
        }
        #expect(ledger.output(single: false) == 40)
    }

    @Test func `with a full outbox nothing more is taken in`() throws {
        let ledger = try Ledger()
        var settings = try Self.settings(ledger)
        settings.maximumBacklog = 10
        let store = try DedupeStore(folder: folder.path)
        var producer = Producer()
        try store.apply([
            producer.frame((0..<10).map { Telemetry.report($0, keys: ["req:\($0)"], output: 1) })
        ])
        var stage = try DedupeStage(
            settings, store: store, metrics: DedupeMetrics(), logger: Logger(label: "test"),
            wallClock: { Timestamp(seconds: 0) }, in: ledger.environment)
        let spool = MemoryOutbox([IngestEvent.observation(Telemetry.report(99, keys: ["req:99"], output: 1)).json])
        var ingest = try Outlet(
            .init(batches: stage.links.observations.counterpart, watermarks: stage.links.watermarks.counterpart),
            in: ledger.environment)
        try ingest.attach(spool)
        for _ in 0..<50 {
            _ = try ingest.pump(at: MonotonicClock.system.now)
            _ = try stage.turn(Turn(clock: .system))
        }
        #expect(store.tally[.accepted] == 10)
        try store.outbox.trim(through: 5)
        let end = MonotonicClock.system.now + .seconds(300)
        while store.tally[.accepted] == 10, MonotonicClock.system.now < end {
            _ = try ingest.pump(at: MonotonicClock.system.now)
            _ = try stage.turn(Turn(clock: .system))
        }
        #expect(store.tally[.accepted] == 11)
    }

    private static func settings(_ ledger: borrowing Ledger) throws -> DedupeStage.Settings {
        DedupeStage.Settings(
            inlet: .init(batches: .bindAnyLoopbackPort, watermarks: .bindAnyLoopbackPort),
            outlet: .init(batches: .bindAnyLoopbackPort, watermarks: ledger.watermarks.counterpart))
    }

    private static func stage(
        _ folder: TestFolder, _ ledger: borrowing Ledger, grace: Duration = .seconds(15)
    ) throws -> DedupeStage {
        var settings = try settings(ledger)
        settings.grace = grace
        return try DedupeStage(
            settings, store: try DedupeStore(folder: folder.path), metrics: DedupeMetrics(),
            logger: Logger(label: "test"), wallClock: { Timestamp(seconds: 0) }, in: ledger.environment)
    }
}

/// What stands in for the rest of the pipeline: takes calls in and acknowledges them.
private final class Ledger {
    let environment: StageEnvironment
    let watermarks: Link
    private var publisher: Inlet
    private var inlet: Inlet?
    private var window = OrderedReceiveWindow()
    private var calls: [Int64: Call] = [:]

    init() throws {
        environment = try StageEnvironment()
        let publisher = try Inlet(
            .init(batches: .bindAnyLoopbackPort, watermarks: .bindAnyLoopbackPort), in: environment)
        watermarks = publisher.watermarks
        self.publisher = publisher
    }

    func connect(to calls: Link) throws {
        inlet = try Inlet(.init(batches: calls.counterpart, watermarks: .bindAnyLoopbackPort), in: environment)
    }

    func receive() throws {
        guard let arrivals = try inlet?.receive(clock: .system) else { return }
        for arrival in arrivals.batches {
            for index in window.admit(arrival.batch).applicable.joined() {
                var reader = arrival.batch.reader(index)
                for call in try CallTransaction(from: &reader).calls
                where call.revision > calls[call.number]?.revision ?? 0 {
                    calls[call.number] = call
                }
            }
            try publisher.acknowledge(arrival.stream, through: window.watermark, at: MonotonicClock.system.now)
        }
        try publisher.rebroadcast(at: MonotonicClock.system.now)
    }

    /// Output tokens of what stands: of single calls, or of aggregates.
    func output(single: Bool) -> Int64 {
        calls.values.filter { !$0.isRetracted && ($0.quality != .aggregate) == single }
            .reduce(0) { $0 + ($1.tokens.output ?? 0) }
    }
}

/// A spool in memory.
private final class MemoryOutbox: Outbox {
    let stream = StreamID()
    private(set) var low: SequenceNumber = 1
    let next: SequenceNumber
    private let events: [[UInt8]]

    init(_ events: [[UInt8]]) {
        self.events = events
        next = Int64(events.count) + 1
    }

    func read(from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int) -> [ArraySlice<UInt8>] {
        var bytes = 0
        return events[Int(sequence - 1)...].prefix(maximumEvents).prefix { event in
            bytes += event.count
            return bytes <= maximumBytes
        }.map { $0[...] }
    }

    func trim(through sequence: SequenceNumber) {
        low = max(low, min(sequence + 1, next))
    }
}
