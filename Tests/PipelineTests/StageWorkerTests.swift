import Glibc
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30)))
struct StageWorkerTests {
    private struct Broken: Error, Equatable {}

    /// A stage whose turns are a closure.
    private struct ClosureStage: Stage {
        let body: (Turn) throws -> NextTurn

        func register(in interests: inout Interests) {}

        mutating func turn(_ turn: Turn) throws -> NextTurn { try body(turn) }
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `what a stage throws is what run throws`() async {
        let worker = StageWorker(name: "broken", logger: logger) { _ in ClosureStage { _ in throw Broken() } }
        await #expect(throws: Broken.self) { try await worker.run() }
    }

    @Test func `a stage that cannot be made fails the worker`() async {
        let worker = StageWorker(name: "broken", logger: logger) { _ -> ClosureStage in throw Broken() }
        await #expect(throws: Broken.self) { try await worker.run() }
    }

    @Test func `a failed stage fails its service group`() async {
        let worker = StageWorker(name: "broken", logger: logger) { _ in ClosureStage { _ in throw Broken() } }
        let group = ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: logger))
        await #expect(throws: Broken.self) { try await group.run() }
    }

    @Test func `a taken port is a message a person understands`() async throws {
        let environment = try StageEnvironment()
        let inlet = try Inlet(.init(batches: .bindAnyLoopbackPort, watermarks: .bindAnyLoopbackPort), in: environment)
        let taken = inlet.batches
        let worker = StageWorker(name: "second", logger: logger) { environment in
            let publisher = try TopicPublisher(taken, in: environment)
            return ClosureStage { _ in publisher.link == taken ? .finished : .finished }
        }
        let error = await #expect(throws: PipelineError.self) { try await worker.run() }
        #expect(
            error?.description
                == "cannot bind \(taken): the port is taken; stop the other program or set another endpoint"
        )
        #expect(inlet.batches == taken)
    }

    @Test func `a graceful shutdown drains and then ends without error`() async throws {
        var settings = StageWorker.Settings()
        settings.drainLimit = .seconds(3600)
        let turns = Atomic<Int>(0)
        let turnsWhileDraining = Mutex(0)
        let worker = StageWorker(
            name: "draining", logger: logger, settings: settings,
            onTurn: { turns.wrappingAdd(1, ordering: .relaxed) },
            make: { _ in
                ClosureStage { turn in
                    guard turn.isDraining else { return .when(nil) }
                    let count = turnsWhileDraining.withLock { count in
                        count += 1
                        return count
                    }
                    return count < 3 ? .immediately : .finished
                }
            })
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup)], logger: logger
            ))
        async let ended: Void = group.run()
        // A group that does not run yet would not be told.
        while turns.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        await group.triggerGracefulShutdown()
        try await ended
        #expect(turnsWhileDraining.withLock { $0 } == 3)
    }

    @Test func `a stage that never drains is ended by the limit`() async throws {
        var settings = StageWorker.Settings()
        settings.drainLimit = .milliseconds(100)
        let worker = StageWorker(name: "stubborn", logger: logger, settings: settings) { _ in
            ClosureStage { _ in .when(nil) }
        }
        worker.signal.drain()
        let start = ContinuousClock.now
        try await worker.run()
        #expect(ContinuousClock.now - start >= .milliseconds(100))
    }

    @Test func `cancellation ends a busy stage after its turn`() async throws {
        let worker = StageWorker(name: "busy", logger: logger) { _ in ClosureStage { _ in .immediately } }
        let running = Task { try await worker.run() }
        try await Task.sleep(for: .milliseconds(20))
        running.cancel()
        try await running.value
    }

    @Test func `the longest wait gives a sign of life`() async throws {
        var settings = StageWorker.Settings()
        settings.longestWait = .milliseconds(10)
        let ticks = Atomic<Int>(0)
        let worker = StageWorker(
            name: "idle", logger: logger, settings: settings,
            onTurn: { ticks.wrappingAdd(1, ordering: .relaxed) },
            make: { _ in ClosureStage { _ in .when(nil) } })
        let running = Task { try await worker.run() }
        // Nothing ever happens to this stage: without the longest wait this would never end.
        while ticks.load(ordering: .relaxed) < 5 { try await Task.sleep(for: .milliseconds(5)) }
        running.cancel()
        try await running.value
    }

    @Test func `a deadline is kept`() async throws {
        var settings = StageWorker.Settings()
        // A deadline that is missed costs an hour and the test its time limit.
        settings.longestWait = .seconds(3600)
        let turns = Mutex<[MonotonicInstant]>([])
        let worker = StageWorker(name: "timed", logger: logger, settings: settings) { _ in
            ClosureStage { turn in
                turns.withLock { $0.append(turn.now) }
                let isLast = turns.withLock { $0.count } == 4
                return isLast ? .finished : .byEarliest(turn.now + .seconds(3600), turn.now + .milliseconds(20), nil)
            }
        }
        try await worker.run()
        let times = turns.withLock { $0 }
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= .milliseconds(20)) }
    }

    @Test func `no letter is missed, from many threads`() async throws {
        let signal = StageSignal()
        let mailbox = Mailbox<Int>(capacity: 1_000_000, for: signal)
        let received = Mutex(Set<Int>())
        let letters = 8 * 2000
        var settings = StageWorker.Settings()
        // A missed wake-up would cost an hour and the test its time limit.
        settings.longestWait = .seconds(3600)
        let worker = StageWorker(name: "mail", logger: logger, settings: settings, signal: signal) { _ in
            ClosureStage { _ in
                let isComplete = received.withLock { received in
                    received.formUnion(mailbox.takeAll())
                    return received.count == letters
                }
                return isComplete ? .finished : .when(nil)
            }
        }
        async let ended: Void = worker.run()
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<8 {
                group.addTask {
                    for letter in 0..<2000 {
                        #expect(mailbox.offer(sender * 2000 + letter))
                        if letter % 50 == 0 { await Task.yield() }
                    }
                }
            }
        }
        try await ended
    }

    @Test func `a full mailbox says no`() {
        let mailbox = Mailbox<Int>(capacity: 2, for: StageSignal())
        #expect(mailbox.offer(1))
        #expect(mailbox.offer(2))
        #expect(!mailbox.offer(3))
        #expect(mailbox.takeAll() == [1, 2])
        #expect(mailbox.offer(4))
    }
}

struct LinkTests {
    @Test func `an endpoint that is none is refused with what to write`() {
        let error = #expect(throws: LinkError.self) { try Link(.bind, "localhost:7101") }
        #expect(
            error?.description
                == "'localhost:7101' is not an endpoint; write tcp://HOST:PORT, for instance tcp://127.0.0.1:7101")
    }

    @Test func `the counterpart of a bound link connects to it`() throws {
        let link = try Link(.bind, "tcp://127.0.0.1:7101")
        #expect(try link.counterpart == Link(.connect, "tcp://127.0.0.1:7101"))
        #expect(link.port == 7101 && link.isLoopback)
    }
}
