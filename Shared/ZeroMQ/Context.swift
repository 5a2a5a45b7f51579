import CZeroMQ
import Glibc
import Synchronization

/// The I/O threads and the registry of sockets of one process.
///
/// Thread-safe, unlike sockets. A socket keeps its context alive, and the context is released with its last holder;
/// never keep one in a global, which is never released.
@safe public final class Context: Sendable {
    nonisolated(unsafe) private let handle: UnsafeMutableRawPointer
    private let terminated = Atomic<Bool>(false)

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - ioThreads: one is enough for about a gigabyte a second.
    ///   - maximumSockets: the limit after which opening one throws ``ZeroMQError/tooManySockets``.
    public init(ioThreads: Int = 1, maximumSockets: Int = 1023) throws(ZeroMQError) {
        guard let handle = unsafe zmq_ctx_new() else { throw .last }
        unsafe self.handle = unsafe handle
        // From here on deinit runs when this initialiser throws, and releases the handle.
        for (option, value) in [(ZMQ_IO_THREADS, ioThreads), (ZMQ_MAX_SOCKETS, maximumSockets)] {
            guard let value = Int32(exactly: value) else { throw .invalidArgument }
            _ = try ZeroMQError.check { unsafe zmq_ctx_set(handle, option, value) }
        }
    }

    deinit {
        terminate()
    }

    /// Ends every blocking call on this context's sockets with ``ZeroMQError/contextTerminated``.
    ///
    /// May be called from any thread, any number of times. Sockets must still be closed by their owners.
    public func shutdown() {
        guard !terminated.load(ordering: .acquiring) else { return }
        _ = unsafe zmq_ctx_shutdown(handle)
    }

    /// Shuts down, waits until every socket is closed, and releases the context.
    ///
    /// Not to be called by a thread that still holds a socket: it would wait for ever. Releasing the last reference
    /// does the same without waiting, since then no socket is left.
    public func terminate() {
        guard !terminated.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = unsafe zmq_ctx_shutdown(handle)
        while unsafe zmq_ctx_term(handle) < 0, ZeroMQError.last.code == EINTR {}
    }

    func openSocket(kind: Int32) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        guard !terminated.load(ordering: .acquiring) else { throw .contextTerminated }
        guard let socket = unsafe zmq_socket(handle, kind) else { throw .last }
        return unsafe socket
    }
}
