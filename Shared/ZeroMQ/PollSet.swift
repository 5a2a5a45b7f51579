import CZeroMQ
import Glibc

/// What a thread waits for: sockets and file descriptors that become readable or writable.
///
/// Fill it anew before each wait, with sockets that live through it; interests differ from turn to turn, and a set that
/// outlived a socket would wait on nothing.
@safe public struct PollSet {
    /// A condition to wait for, and what was found.
    public struct Events: OptionSet, Sendable {
        /// libzmq's bits.
        public let rawValue: Int16

        /// Takes libzmq's bits.
        public init(rawValue: Int16) {
            self.rawValue = rawValue
        }

        /// A message, a subscription or bytes can be read.
        public static let readable = Events(rawValue: Int16(ZMQ_POLLIN))
        /// A message or bytes can be written.
        public static let writable = Events(rawValue: Int16(ZMQ_POLLOUT))
        /// The file descriptor failed; never reported for sockets.
        public static let failed = Events(rawValue: Int16(ZMQ_POLLERR))
    }

    private var items: [zmq_pollitem_t] = unsafe []

    /// Makes an empty set.
    public init() {}

    /// How many sockets and descriptors the set holds.
    public var count: Int { unsafe items.count }

    /// Empties the set, keeping its room.
    public mutating func removeAll() {
        unsafe items.removeAll(keepingCapacity: true)
    }

    /// Adds a socket.
    ///
    /// - Returns: its index, for ``events(at:)``.
    @discardableResult
    public mutating func insert<Pattern>(_ socket: borrowing Socket<Pattern>, for events: Events) -> Int {
        unsafe items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: events.rawValue, revents: 0))
        return unsafe items.count - 1
    }

    /// Adds a file descriptor.
    ///
    /// - Returns: its index, for ``events(at:)``.
    @discardableResult
    public mutating func insert(fileDescriptor: Int32, for events: Events) -> Int {
        unsafe items.append(zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: events.rawValue, revents: 0))
        return unsafe items.count - 1
    }

    /// Waits until something of the set happens or the time is over.
    ///
    /// A signal ends the wait early with nothing found, so that the caller looks at its stop flag.
    ///
    /// - Parameter timeout: nil waits for ever.
    /// - Returns: whether anything happened.
    /// - Throws: ``ZeroMQError/contextTerminated``, ``ZeroMQError/notASocket``.
    @discardableResult
    public mutating func wait(timeout: Duration?) throws(ZeroMQError) -> Bool {
        let milliseconds = timeout.map { Int($0.roundedUpMilliseconds) } ?? -1
        let found = unsafe zmq_poll(&items, Int32(items.count), milliseconds)
        if found >= 0 { return found > 0 }
        let error = ZeroMQError.last
        guard error.code == EINTR else { throw error }
        for index in unsafe items.indices { unsafe items[index].revents = 0 }
        return false
    }

    /// What the last wait found at an index that `insert` answered.
    public func events(at index: Int) -> Events {
        Events(rawValue: unsafe items[index].revents)
    }
}

extension Socket {
    /// Waits for this socket alone, for threads that have nothing else to do.
    ///
    /// - Parameter timeout: nil waits for ever.
    /// - Returns: whether the condition holds.
    public func wait(for events: PollSet.Events, timeout: Duration?) throws(ZeroMQError) -> Bool {
        var set = PollSet()
        set.insert(self, for: events)
        return try set.wait(timeout: timeout)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a wait never ends just before its deadline and spins.
    fileprivate var roundedUpMilliseconds: Int32 {
        let floor = milliseconds
        return floor < .max && self > .milliseconds(floor) ? floor + 1 : floor
    }
}
