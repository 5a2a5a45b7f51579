import Pipeline
import Synchronization
import Testing
import Wire

/// A stateless stage in replicas between an outlet and an inlet.
@Suite(.timeLimit(.minutes(30)))
struct RelayTests {
    @Test func `replicas transform, keep the numbers, and every event arrives once`() throws {
        var setting = try Setting(replicas: 3)
        let outbox = MemoryOutbox(count: 20_000)
        var outlet = try setting.makeOutlet(for: [outbox])
        try setting.exchange(with: &outlet)
        // One that connected only now gets its part of what comes then.
        try retrying {
            if setting.busyReplicas == 3 { return true }
            outbox.append(count: 2000)
            try setting.exchange(with: &outlet)
            return false
        }
        #expect(setting.busyReplicas == 3)
        #expect(setting.applied(of: outbox.stream).sorted() == outbox.everything)
    }

    @Test func `replicas die at random moments and nothing is lost nor doubled`() throws {
        for seed in 0..<3 {
            var random = SeededGenerator(seed: seed)
            var setting = try Setting(replicas: 2)
            let outbox = MemoryOutbox(count: 8000)
            var outlet = try setting.makeOutlet(for: [outbox])
            for _ in 0..<8 {
                try setting.exchange(with: &outlet, turns: Int.random(in: 1...30, using: &random))
                try setting.replaceReplica(random.happens(50) ? 0 : 1)
            }
            try setting.exchange(with: &outlet)
            #expect(setting.applied(of: outbox.stream).sorted() == outbox.everything, "seed \(seed)")
        }
    }

    @Test func `a batch that grows is split into frames the peer takes`() throws {
        var setting = try Setting(replicas: 1, padding: 9_000)
        let outbox = MemoryOutbox(count: 1000)
        var outlet = try setting.makeOutlet(for: [outbox])
        try setting.exchange(with: &outlet)
        #expect(setting.applied(of: outbox.stream) == outbox.everything)
        #expect(setting.largestFrame < 1 << 20)
    }

    @Test func `while nobody takes its frames a relay holds one batch and receives no more`() throws {
        let environment = try StageEnvironment()
        var outlet = try Outlet(
            .init(batches: .bindAnyLoopbackPort, watermarks: Link(.connect, "tcp://127.0.0.1:9")), in: environment)
        let outbox = MemoryOutbox(count: 4000)
        try outlet.attach(outbox)
        var relay = try Relay(
            .init(source: outlet.batches.counterpart, destination: .bindAnyLoopbackPort), transform: Stamp(),
            in: environment)
        try retrying {
            _ = try outlet.pump(at: environment.clock.now)
            _ = try relay.turn(Turn(clock: environment.clock))
            return relay.transform.count > 0
        }
        let next = try relay.turn(Turn(clock: environment.clock))
        #expect(next == .when(nil))
        #expect(relay.transform.count <= Batch.maximumEvents)
    }

    @Test func `told to drain it sends what it holds and ends`() throws {
        let environment = try StageEnvironment()
        var relay = try Relay(
            .init(source: .bindAnyLoopbackPort, destination: .bindAnyLoopbackPort), transform: Stamp(), in: environment)
        let next = try relay.turn(Turn(clock: environment.clock, isDraining: true))
        #expect(next == .finished)
    }
}

/// Adds a member to each event.
private struct Stamp: EventTransform {
    var padding = 0
    var count = 0
    var rejected = 0

    mutating func transform(_ batch: Batch, _ index: Int, into json: inout JSONWriter) {
        count += 1
        json.raw(batch.bytes(index).dropLast() + Array(#","stamp":"\#(String(repeating: "y", count: padding))"}"#.utf8))
    }

    mutating func reject(_ frame: RejectedFrame) { rejected += 1 }
}

private struct Replica: ~Copyable {
    let environment: StageEnvironment
    var relay: Relay<Stamp>

    init(source: Link, destination: Link, padding: Int) throws {
        let environment = try StageEnvironment()
        relay = try Relay(
            .init(source: source, destination: destination), transform: Stamp(padding: padding), in: environment)
        self.environment = environment
    }
}

private struct Setting: ~Copyable {
    private let receiver: Receiver<UnorderedReceiveWindow>
    private let environment: StageEnvironment
    private var replicas: [ReplicaBox]
    private let padding: Int
    // A bound outlet's port, known once the outlet is made.
    private var source: Link?

    private final class ReplicaBox {
        var replica: Replica?

        var transformed: Int { replica?.relay.transform.count ?? 0 }
    }

    init(replicas count: Int, padding: Int = 0) throws {
        let receiver = try Receiver(UnorderedReceiveWindow())
        environment = try StageEnvironment()
        self.receiver = receiver
        self.padding = padding
        replicas = (0..<count).map { _ in ReplicaBox() }
    }

    var busyReplicas: Int {
        replicas.count { $0.transformed > 0 }
    }

    var largestFrame: Int { receiver.largestFrame }

    func applied(of stream: StreamID) -> [Int64] { receiver.applied[stream] ?? [] }

    mutating func makeOutlet(for outboxes: [MemoryOutbox]) throws -> Outlet {
        var settings = Outlet.Settings(batches: .bindAnyLoopbackPort, watermarks: receiver.watermarks.counterpart)
        settings.window.timeout = .milliseconds(50)
        settings.window.maximumTimeout = .milliseconds(200)
        settings.highWaterMark = 4
        var outlet = try Outlet(settings, in: environment)
        for outbox in outboxes { try outlet.attach(outbox) }
        source = outlet.batches.counterpart
        for index in replicas.indices { try replaceReplica(index) }
        return outlet
    }

    mutating func replaceReplica(_ index: Int) throws {
        replicas[index].replica = nil
        let source = try #require(source)
        replicas[index].replica = try Replica(
            source: source, destination: receiver.batches.counterpart, padding: padding)
    }

    mutating func exchange(with outlet: inout Outlet, turns: Int = .max) throws {
        let replicas = replicas
        try receiver.exchange(with: &outlet, turns: turns) {
            for box in replicas {
                _ = try box.replica?.relay.turn(Turn(clock: .system))
            }
        }
    }
}
