import Foundation
import Glibc
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct ContextTests {
    @Test func `shutdown from another thread ends a wait`() async throws {
        let context = try Context()
        let ended = await withCheckedContinuation { (continuation: CheckedContinuation<ZeroMQError?, Never>) in
            // A thread of its own: a wait without end would block one of the few threads that run tasks.
            Thread.detachNewThread {
                do throws(ZeroMQError) {
                    let pull = try Socket<Pull>(in: context)
                    try pull.bind(.anyLoopbackPort)
                    Thread.detachNewThread {
                        usleep(50_000)
                        context.shutdown()
                    }
                    _ = try pull.wait(for: .readable, timeout: nil)
                    _ = try pull.receive()
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
        #expect(ended == .contextTerminated)
    }

    @Test func `a terminated context opens no socket and may be told again`() throws {
        let context = try Context()
        context.terminate()
        context.terminate()
        context.shutdown()
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket<Push>(in: context) }
        #expect(error == .contextTerminated)
    }

    @Test func `a socket keeps its context alive`() throws {
        func makeSocket() throws -> Socket<Pull> { try Socket<Pull>(in: try Context()) }
        let pull = try makeSocket()
        let endpoint = try pull.bind(.anyLoopbackPort)
        #expect(endpoint.port != nil)
    }

    @Test func `a signal during a wait is not an error`() async throws {
        signal(SIGUSR1) { _ in }
        let context = try Context()
        let isReady = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Bool, any Error>) in
            // A thread of its own: no signal may come to what another test does.
            Thread.detachNewThread { done.resume(with: Result { try Self.waitUnderSignals(in: context) }) }
        }
        #expect(!isReady)
    }

    /// Waits for what does not come, on a thread that gets signals all the while: nothing else ends the wait.
    private static func waitUnderSignals(in context: Context) throws -> Bool {
        let pull = try Socket<Pull>(in: context)
        try pull.bind(.anyLoopbackPort)
        // It inherits from the threads of tasks that signals are held back.
        var heard = sigset_t()
        sigemptyset(&heard)
        sigaddset(&heard, SIGUSR1)
        pthread_sigmask(SIG_UNBLOCK, &heard, nil)
        let waiter = pthread_self()
        let (isOver, isQuiet) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            while isOver.wait(timeout: .now() + .milliseconds(20)) == .timedOut { pthread_kill(waiter, SIGUSR1) }
            isQuiet.signal()
        }
        // The thread that is signalled must be there until nobody signals it.
        defer {
            isOver.signal()
            isQuiet.wait()
        }
        return try pull.wait(for: .readable, timeout: .seconds(3600))
    }
}

@Suite(.timeLimit(.minutes(30)))
struct PollSetTests {
    @Test func `a set waits on sockets and file descriptors alike`() throws {
        let context = try Context()
        let pull = try Socket<Pull>(in: context)
        let push = try Socket<Push>(in: context)
        try push.connect(try pull.bind(.anyLoopbackPort))
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }

        var set = PollSet()
        let socketIndex = set.insert(pull, for: .readable)
        let pipeIndex = set.insert(fileDescriptor: ends[0], for: .readable)
        let isQuiet = try !set.wait(timeout: .milliseconds(10))
        #expect(isQuiet)

        write(ends[1], [1], 1)
        let isWoken = try set.wait(timeout: .seconds(120))
        #expect(isWoken)
        #expect(set.events(at: pipeIndex) == .readable)
        #expect(set.events(at: socketIndex).isEmpty)

        try push.sendWhenReady([1])
        try retrying {
            _ = try set.wait(timeout: .seconds(120))
            return set.events(at: socketIndex) == .readable
        }
        set.removeAll()
        #expect(set.count == 0)
    }

    @Test func `a wait is never shorter than asked`() throws {
        let context = try Context()
        let pull = try Socket<Pull>(in: context)
        let start = ContinuousClock.now
        _ = try pull.wait(for: .readable, timeout: .microseconds(10_100))
        #expect(ContinuousClock.now - start >= .microseconds(10_100))
    }
}
