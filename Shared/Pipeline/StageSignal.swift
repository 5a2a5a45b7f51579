import Glibc
import Synchronization
import ZeroMQ

/// Wakes a stage's thread out of its wait, and tells it to drain or to stop.
///
/// May be used from any thread. Raising costs a system call only while the stage has not yet noticed the last one.
public final class StageSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let isRaised = Atomic<Bool>(false)
    private let isDrainRequested = Atomic<Bool>(false)
    private let isStopRequested = Atomic<Bool>(false)

    /// Makes a signal.
    ///
    /// - Precondition: the process may open two more file descriptors.
    public init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file descriptor left for a stage's signal (errno \(errno))")
        for end in ends {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Gives the stage a turn soon.
    public func raise() {
        guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Asks the stage to finish what it has and end.
    public func drain() {
        isDrainRequested.store(true, ordering: .releasing)
        raise()
    }

    /// Asks the stage to end after the turn it is in.
    public func stop() {
        isStopRequested.store(true, ordering: .releasing)
        raise()
    }

    var isDraining: Bool { isDrainRequested.load(ordering: .acquiring) }
    var isStopping: Bool { isStopRequested.load(ordering: .acquiring) }

    func register(in interests: inout Interests) -> Int {
        interests.set.insert(fileDescriptor: readEnd, for: .readable)
    }

    /// Takes note of the signal after a wait found it raised, before the turn that looks at what it was raised for.
    func lower() {
        var bytes: [UInt8] = [0, 0, 0, 0]
        while read(readEnd, &bytes, bytes.count) > 0 {}
        // Not before the read: a raise in between would have its byte swallowed and every later one held back. An
        // exchange and not a store, so that this turn sees all that the raiser did before.
        _ = isRaised.exchange(false, ordering: .acquiringAndReleasing)
    }
}
