import CZeroMQ

/// One ZeroMQ socket, owned by one thread.
///
/// The pattern is a type, so that receiving on a `Socket<Push>` does not compile. A socket cannot be copied and is not
/// `Sendable`: it stays with the thread that made it, and is closed when its owner lets go of it. Options are fixed at
/// opening, because most of them only touch later binds and connects.
@safe public struct Socket<Pattern: SocketPattern>: ~Copyable {
    let handle: UnsafeMutableRawPointer
    // Held so that the context outlives its sockets: terminating it first would wait for ever.
    private let context: Context

    /// Opens a socket.
    public init(in context: Context, options: SocketOptions = .standard) throws(ZeroMQError) {
        let handle = unsafe try context.openSocket(kind: Pattern.kind)
        do throws(ZeroMQError) {
            unsafe try options.apply(to: handle, kind: Pattern.kind)
        } catch {
            _ = unsafe zmq_close(handle)
            throw error
        }
        unsafe self.handle = unsafe handle
        self.context = context
    }

    deinit {
        _ = unsafe zmq_close(handle)
    }

    /// Closes the socket; what its options let linger is sent first.
    ///
    /// Letting go of the socket does the same.
    public consuming func close() {}

    /// Listens at an endpoint and answers the endpoint really bound, its port filled in.
    ///
    /// - Throws: ``ZeroMQError/addressInUse``, ``ZeroMQError/addressNotAvailable``, ``ZeroMQError/contextTerminated``.
    @discardableResult
    public func bind(_ endpoint: Endpoint) throws(ZeroMQError) -> Endpoint {
        _ = try ZeroMQError.check { unsafe zmq_bind(handle, endpoint.description) }
        return Endpoint(verified: try lastEndpoint())
    }

    /// Connects to an endpoint; the peer may appear later and may come and go.
    public func connect(_ endpoint: Endpoint) throws(ZeroMQError) {
        _ = try ZeroMQError.check { unsafe zmq_connect(handle, endpoint.description) }
    }

    /// Stops listening at an endpoint that ``bind(_:)`` answered.
    public func unbind(_ endpoint: Endpoint) throws(ZeroMQError) {
        _ = try ZeroMQError.check { unsafe zmq_unbind(handle, endpoint.description) }
    }

    /// Ends the connection to an endpoint.
    public func disconnect(_ endpoint: Endpoint) throws(ZeroMQError) {
        _ = try ZeroMQError.check { unsafe zmq_disconnect(handle, endpoint.description) }
    }

    private func lastEndpoint() throws(ZeroMQError) -> String {
        let capacity = 1024
        var buffer = [CChar](repeating: 0, count: capacity)
        var size = capacity
        _ = try ZeroMQError.check { unsafe zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) }
        return String(decoding: buffer[..<max(0, size - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
