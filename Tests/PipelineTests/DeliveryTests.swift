import Glibc
import Pipeline
import Support
import Testing
import Wire

/// Outlet, relay and inlet over real sockets, pumped by the test's own thread.
@Suite(.timeLimit(.minutes(30)))
struct DeliveryTests {
    @Test func `every event arrives once, in order, and the outbox empties`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let outbox = MemoryOutbox(count: 20_000)
        var outlet = try receiver.makeOutlet(for: [outbox])
        try receiver.exchange(with: &outlet)
        #expect(receiver.applied[outbox.stream] == outbox.everything)
        #expect(outbox.isEmpty)
        let deadline = outlet.deadline
        #expect(deadline == nil)
        #expect(receiver.rejected == 0 && receiver.lost == 0)
    }

    @Test func `batches keep to their limits of events and bytes`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let small = MemoryOutbox(count: 1000)
        let large = MemoryOutbox(count: 20, size: 60_000)
        var outlet = try receiver.makeOutlet(for: [small, large])
        try receiver.exchange(with: &outlet)
        #expect(receiver.largestBatch <= Batch.maximumEvents)
        #expect(receiver.largestFrame <= Batch.maximumBytes + 1000)
        #expect(receiver.applied[large.stream] == large.everything)
        #expect(receiver.applied[small.stream] == small.everything)
    }

    @Test func `several outboxes share one outlet, and one of them may leave`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let outboxes = (0..<5).map { _ in MemoryOutbox(count: 700) }
        var outlet = try receiver.makeOutlet(for: outboxes)
        try receiver.exchange(with: &outlet)
        for outbox in outboxes { #expect(receiver.applied[outbox.stream] == outbox.everything) }
        try outlet.detach(outboxes[0].stream)
        outboxes[0].append(count: 5)
        outboxes[1].append(count: 5)
        try receiver.exchange(with: &outlet)
        #expect(receiver.applied[outboxes[0].stream]?.count == 700)
        #expect(receiver.applied[outboxes[1].stream] == outboxes[1].everything)
    }

    @Test func `the receiver dies at random moments and nothing is lost nor doubled`() throws {
        for seed in 0..<5 {
            var random = SeededGenerator(seed: seed)
            let receiver = try Receiver(OrderedReceiveWindow())
            let outbox = MemoryOutbox(count: 6000)
            var outlet = try receiver.makeOutlet(for: [outbox])
            for _ in 0..<6 {
                try receiver.exchange(with: &outlet, turns: Int.random(in: 1...60, using: &random))
                // What it had committed survives, what it had only received does not.
                try receiver.restart()
            }
            try receiver.exchange(with: &outlet)
            #expect(receiver.applied[outbox.stream] == outbox.everything, "seed \(seed)")
        }
    }

    @Test func `the sender dies at random moments and nothing is lost nor doubled`() throws {
        for seed in 0..<5 {
            var random = SeededGenerator(seed: seed)
            let receiver = try Receiver(OrderedReceiveWindow())
            let outbox = MemoryOutbox(count: 6000)
            for _ in 0..<6 {
                var outlet = try receiver.makeOutlet(for: [outbox])
                try receiver.exchange(with: &outlet, turns: Int.random(in: 1...60, using: &random))
            }
            var outlet = try receiver.makeOutlet(for: [outbox])
            try receiver.exchange(with: &outlet)
            #expect(receiver.applied[outbox.stream] == outbox.everything, "seed \(seed)")
        }
    }

    @Test func `a hole in the outbox is reported with its size and the rest arrives`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let outbox = MemoryOutbox(count: 1000)
        outbox.lose(300..<350)
        var outlet = try receiver.makeOutlet(for: [outbox])
        try receiver.exchange(with: &outlet)
        #expect(receiver.lost == 50)
        #expect(receiver.applied[outbox.stream] == outbox.everything.filter { !(300..<350).contains($0) })
    }

    @Test func `what an outbox loses at its very front after it was attached is a gap too`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let outbox = MemoryOutbox(count: 1000)
        var outlet = try receiver.makeOutlet(for: [outbox])
        outbox.lose(1..<4)
        try receiver.exchange(with: &outlet)
        #expect(receiver.lost == 3)
        #expect(receiver.applied[outbox.stream] == Array(4...1000))
    }

    @Test func `a receiver restored from an old backup hears what it lost`() throws {
        let receiver = try Receiver(OrderedReceiveWindow())
        let outbox = MemoryOutbox(count: 1000)
        var outlet = try receiver.makeOutlet(for: [outbox])
        try receiver.exchange(with: &outlet)
        receiver.windows[outbox.stream] = OrderedReceiveWindow(watermark: 400)
        outbox.append(count: 10)
        try receiver.exchange(with: &outlet)
        #expect(receiver.lost == 600)
        #expect(receiver.applied[outbox.stream]?.suffix(10) == outbox.everything.suffix(10))
    }

    @Test func `without a receiver nothing blocks, and what waits is sent once there is one`() throws {
        let environment = try StageEnvironment()
        let outbox = MemoryOutbox(count: 10)
        var outlet = try Outlet(
            .init(batches: .bindAnyLoopbackPort, watermarks: Link(.connect, "tcp://127.0.0.1:9")), in: environment)
        try outlet.attach(outbox)
        for _ in 0..<3 {
            let progress = try outlet.pump(at: environment.clock.now)
            #expect(progress.acknowledged == 0)
        }
        let (outstanding, isDrained) = (outlet.outstanding, outlet.isDrained)
        #expect(outstanding == 10)
        #expect(!isDrained)

        var inlet = try Inlet(
            .init(batches: outlet.batches.counterpart, watermarks: .bindAnyLoopbackPort), in: environment)
        var arrived = 0
        try retrying {
            _ = try outlet.pump(at: environment.clock.now)
            for arrival in try inlet.receive(clock: environment.clock).batches { arrived += arrival.batch.events.count }
            return arrived == 10
        }
        try inlet.acknowledge(outbox.stream, through: 10, at: environment.clock.now)
        #expect(!outbox.isEmpty)
    }

    @Test func `frames that are no batches are handed over as rejected`() {
        var arrivals = Arrivals()
        arrivals.append(Array("not json".utf8))
        arrivals.append(Array(#"{"v":2,"stream":"x","first":1,"low":1,"events":[]}"#.utf8))
        arrivals.append(Array(#"{"v":1,"stream":"x","first":1,"low":1,"events":[{}]}"#.utf8))
        #expect(arrivals.batches.isEmpty)
        #expect(arrivals.rejected.map(\.byteCount) == [8, 50, 52])
        #expect(arrivals.rejected[1].reason == .unreadable(.unsupportedVersion(2)))
        #expect(arrivals.rejected[2].reason == .unknownStream)
        #expect(arrivals.isEmpty == false)
    }
}

/// A durable stage in memory: its windows and what it applied are what survives a restart.
final class Receiver<Window: ReceiveWindow> {
    var windows: [StreamID: Window] = [:]
    private(set) var applied: [StreamID: [Int64]] = [:]
    private(set) var rejected = 0
    private(set) var lost: Int64 = 0
    private(set) var largestBatch = 0
    private(set) var largestFrame = 0
    let batches: Link
    let watermarks: Link
    private let fresh: Window
    private let environment: StageEnvironment
    private var inlet: Inlet?

    init(_ fresh: Window) throws {
        self.fresh = fresh
        environment = try StageEnvironment()
        // By number, so that nobody else is given one of them while it restarts.
        let ports = FreePorts.take(2)
        batches = try Link(.bind, "tcp://127.0.0.1:\(ports[0])")
        watermarks = try Link(.bind, "tcp://127.0.0.1:\(ports[1])")
        inlet = try Inlet(.init(batches: batches, watermarks: watermarks), in: environment)
    }

    /// Dies with everything it had received and not applied, and comes back at the same ports.
    func restart() throws {
        inlet = nil
        // The old listener is closed by the I/O thread, a moment after its socket.
        try retrying {
            do throws(PipelineError) {
                inlet = try Inlet(.init(batches: batches, watermarks: watermarks), in: environment)
                return true
            } catch {
                return false
            }
        }
    }

    func makeOutlet(for outboxes: [MemoryOutbox]) throws -> Outlet {
        var settings = Outlet.Settings(batches: batches.counterpart, watermarks: watermarks.counterpart)
        settings.window.timeout = .milliseconds(50)
        settings.window.maximumTimeout = .milliseconds(200)
        var outlet = try Outlet(settings, in: environment)
        for outbox in outboxes { try outlet.attach(outbox) }
        return outlet
    }

    /// Receives, applies, acknowledges once.
    func turn() throws {
        guard let arrivals = try inlet?.receive(clock: environment.clock) else { return }
        rejected += arrivals.rejected.count
        for arrival in arrivals.batches {
            let batch = arrival.batch
            let admission = windows[arrival.stream, default: fresh].admit(batch)
            lost += admission.lost
            largestBatch = max(largestBatch, batch.events.count)
            largestFrame = max(largestFrame, batch.frame.count)
            for index in admission.applicable.joined() {
                var reader = batch.reader(index)
                var number: Int64?
                try reader.object { key, json throws(JSONError) in
                    switch key {
                    case "n": number = try json.int64()
                    default: try json.skip()
                    }
                }
                #expect(number == batch.first + Int64(index))
                applied[arrival.stream, default: []].append(batch.first + Int64(index))
            }
        }
        let now = environment.clock.now
        for stream in Set(arrivals.batches.map(\.stream)) {
            try inlet?.acknowledge(stream, through: windows[stream]?.watermark ?? 0, at: now)
        }
        try inlet?.rebroadcast(at: now)
    }

    /// Lets both ends work until the sender is rid of everything, or for a number of turns.
    func exchange(with outlet: inout Outlet, turns: Int = .max, between: () throws -> Void = {}) throws {
        let deadline = environment.clock.now + .seconds(300)
        var turn = 0
        while turn < turns, !outlet.isDrained {
            try #require(environment.clock.now < deadline, "not drained in time")
            _ = try outlet.pump(at: environment.clock.now)
            try between()
            try self.turn()
            turn += 1
            if turn % 16 == 0 { usleep(200) }
        }
    }
}

/// An outbox whose events say their own numbers.
final class MemoryOutbox: Outbox {
    let stream = StreamID()
    private(set) var low: Int64 = 1
    private(set) var next: Int64 = 1
    private let size: Int
    private var holes: [Range<Int64>] = []

    init(count: Int64, size: Int = 0) {
        self.size = size
        next = count + 1
    }

    var everything: [Int64] { Array(1..<next) }

    func append(count: Int64) { next += count }

    func lose(_ range: Range<Int64>) {
        holes.append(range)
        trim(through: low - 1)
    }

    func read(from sequence: Int64, maximumEvents: Int, maximumBytes: Int) -> [ArraySlice<UInt8>] {
        let end = holes.filter { $0.upperBound > sequence }.map { max(sequence, $0.lowerBound) }.min() ?? next
        var events: [ArraySlice<UInt8>] = []
        var bytes = 0
        for number in sequence..<min(end, sequence + Int64(maximumEvents)) {
            let padding = String(repeating: "x", count: size)
            let event = Array(#"{"n":\#(number),"padding":"\#(padding)"}"#.utf8)
            bytes += event.count
            guard bytes <= maximumBytes || events.isEmpty else { break }
            events.append(event[...])
        }
        return events
    }

    func trim(through sequence: Int64) {
        low = max(low, min(sequence + 1, next))
        for hole in holes where hole.contains(low) { low = hole.upperBound }
    }
}
