import CZeroMQ

/// What is set on a socket before it binds or connects.
///
/// ``standard`` holds the values every socket of the house uses; change a copy where a socket differs.
public struct SocketOptions: Hashable, Sendable {
    /// How long a closed socket tries to send what is queued; nil for ever.
    ///
    /// Zero by default: what matters is in an outbox and is sent again, so closing never waits.
    public var linger: Duration?
    /// Messages queued for a peer before a push socket has no room and a publishing one discards.
    public var sendHighWaterMark: Int
    /// Messages queued from a peer before it is held back.
    public var receiveHighWaterMark: Int
    /// Bytes of the largest message taken; the peer that sends a larger one is cut off.
    public var maximumMessageSize: Int
    /// The first wait before connecting anew.
    public var reconnectInterval: Duration
    /// The longest wait before connecting anew.
    public var maximumReconnectInterval: Duration
    /// How long one connection attempt may take.
    public var connectTimeout: Duration
    /// How long a peer may take to shake hands; a half-open connection ends then.
    public var handshakeInterval: Duration
    /// How often a silent peer is asked for a sign of life.
    public var heartbeatInterval: Duration
    /// How long the sign of life may take.
    public var heartbeatTimeout: Duration
    /// Whether IPv6 addresses are taken too.
    public var isIPv6Enabled: Bool
    /// Encryption and authentication; nil for none, which suits loopback only.
    public var curve: CurveSecurity?
    /// Whether a publishing socket's owner grants subscriptions; else whoever subscribes gets what it asks for.
    public var grantsSubscriptions = false

    /// The values of the house.
    public static let standard = SocketOptions(
        linger: .zero,
        sendHighWaterMark: 1000,
        receiveHighWaterMark: 1000,
        maximumMessageSize: 1 << 20,
        reconnectInterval: .milliseconds(100),
        maximumReconnectInterval: .seconds(5),
        connectTimeout: .seconds(5),
        handshakeInterval: .seconds(3),
        heartbeatInterval: .seconds(2),
        heartbeatTimeout: .seconds(6),
        isIPv6Enabled: false,
        curve: nil
    )

    /// A copy with both high-water marks set.
    public func withHighWaterMark(_ messages: Int) -> SocketOptions {
        var copy = self
        copy.sendHighWaterMark = messages
        copy.receiveHighWaterMark = messages
        return copy
    }

    func apply(to socket: UnsafeMutableRawPointer, kind: Int32) throws(ZeroMQError) {
        let numbers: [(option: Int32, value: Int32)] = [
            (ZMQ_LINGER, linger.map(\.milliseconds) ?? -1),
            (ZMQ_SNDHWM, Int32(clamping: sendHighWaterMark)),
            (ZMQ_RCVHWM, Int32(clamping: receiveHighWaterMark)),
            (ZMQ_RECONNECT_IVL, reconnectInterval.milliseconds),
            (ZMQ_RECONNECT_IVL_MAX, maximumReconnectInterval.milliseconds),
            (ZMQ_CONNECT_TIMEOUT, connectTimeout.milliseconds),
            (ZMQ_HANDSHAKE_IVL, handshakeInterval.milliseconds),
            (ZMQ_HEARTBEAT_IVL, heartbeatInterval.milliseconds),
            (ZMQ_HEARTBEAT_TIMEOUT, heartbeatTimeout.milliseconds),
            (ZMQ_HEARTBEAT_TTL, heartbeatTimeout.milliseconds),
            (ZMQ_TCP_KEEPALIVE, 1),
            (ZMQ_TCP_KEEPALIVE_IDLE, 60),
            (ZMQ_TCP_KEEPALIVE_INTVL, 10),
            (ZMQ_TCP_KEEPALIVE_CNT, 3),
            (ZMQ_IPV6, isIPv6Enabled ? 1 : 0),
        ]
        for (option, value) in numbers {
            unsafe try setOption(option, value, of: socket)
        }
        unsafe try setOption(ZMQ_MAXMSGSIZE, Int64(maximumMessageSize), of: socket)
        if kind == ZMQ_PUSH {
            // Deals only to peers that are there. On a receiving socket the option would throw away what had arrived
            // and was not yet read when the sender hangs up.
            unsafe try setOption(ZMQ_IMMEDIATE, Int32(1), of: socket)
        }
        if kind == ZMQ_XPUB, grantsSubscriptions {
            unsafe try setOption(ZMQ_XPUB_MANUAL, Int32(1), of: socket)
        }
        unsafe try curve?.apply(to: socket)
    }
}

/// Sets an integer option, whose width is the option's.
func setOption<Value: FixedWidthInteger>(
    _ option: Int32, _ value: Value, of socket: UnsafeMutableRawPointer
) throws(ZeroMQError) {
    var value = value
    _ = try ZeroMQError.check { unsafe zmq_setsockopt(socket, option, &value, MemoryLayout<Value>.size) }
}

/// Sets an option of bytes.
func setOption(_ option: Int32, _ bytes: [UInt8], of socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
    _ = try ZeroMQError.check { unsafe zmq_setsockopt(socket, option, bytes, bytes.count) }
}

extension Duration {
    /// Whole milliseconds for an option, at least 0.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let total = Int128(seconds) * 1000 + Int128(attoseconds / 1_000_000_000_000_000)
        return Int32(clamping: max(0, total))
    }
}
