import CZeroMQ

/// One message, with its bytes where libzmq put them.
///
/// Owned by one holder and closed when let go of; reading it copies nothing.
@safe public struct Message: ~Copyable {
    private var storage: zmq_msg_t

    /// Makes an empty message.
    public init() {
        storage = zmq_msg_t()
        _ = unsafe zmq_msg_init(&storage)
    }

    /// Makes a message of a copy of the bytes.
    ///
    /// - Throws: an error with code `ENOMEM`.
    public init(copying bytes: [UInt8]) throws(ZeroMQError) {
        var storage = zmq_msg_t()
        let count = bytes.count
        _ = try ZeroMQError.check { unsafe zmq_msg_init_size(&storage, count) }
        if count > 0 {
            unsafe zmq_msg_data(&storage).copyMemory(from: bytes, byteCount: count)
        }
        self.storage = storage
    }

    init?(receivedFrom socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
        var storage = zmq_msg_t()
        _ = unsafe zmq_msg_init(&storage)
        let received: Int32?
        do throws(ZeroMQError) {
            received = try ZeroMQError.attempt { unsafe zmq_msg_recv(&storage, socket, ZMQ_DONTWAIT) }
        } catch {
            _ = unsafe zmq_msg_close(&storage)
            throw error
        }
        guard received != nil else {
            _ = unsafe zmq_msg_close(&storage)
            return nil
        }
        self.storage = storage
    }

    deinit {
        // `self` is immutable in a deinit; libzmq allows a message to be moved in memory between calls.
        var storage = storage
        _ = unsafe zmq_msg_close(&storage)
    }

    /// How many bytes the message has.
    public var count: Int {
        var view = storage
        return unsafe zmq_msg_size(&view)
    }

    /// True where there is no byte: an empty message, or one that was sent.
    public var isEmpty: Bool { count == 0 }

    /// True where the sender said that another frame of the same message follows.
    public var hasMore: Bool {
        var view = storage
        return unsafe zmq_msg_more(&view) != 0
    }

    /// What the gate called the peer that the message came from; nil where there is no gate.
    var user: String? {
        var view = storage
        guard let text = unsafe zmq_msg_gets(&view, "User-Id") else { return nil }
        return unsafe String(cString: text)
    }

    /// Reads the bytes in place; they are gone when the closure returns.
    public func withBytes<Result: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBytes { bytes throws(Failure) in try body(unsafe bytes.bytes) }
    }

    /// Reads the bytes in place through a pointer that must not outlive the closure.
    @unsafe public func withUnsafeBytes<Result: ~Copyable, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // A short message's bytes lie inside this copy of the handle, a long one's on libzmq's heap: the copy is only
        // looked through, never closed.
        var view = storage
        return try unsafe withUnsafeMutablePointer(to: &view) { view throws(Failure) in
            let bytes = unsafe UnsafeRawBufferPointer(start: zmq_msg_data(view), count: zmq_msg_size(view))
            return try unsafe body(bytes)
        }
    }

    /// Copies the bytes out.
    public func copiedBytes() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }

    mutating func send(to socket: UnsafeMutableRawPointer) throws(ZeroMQError) -> Bool {
        try ZeroMQError.attempt { unsafe zmq_msg_send(&storage, socket, ZMQ_DONTWAIT) } != nil
    }
}
