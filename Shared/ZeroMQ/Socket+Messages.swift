import CZeroMQ

extension Socket where Pattern: SendingPattern {
    /// Sends the bytes as one message if that needs no waiting.
    ///
    /// True says that the message is queued in this process, nothing more: a peer may die with it.
    ///
    /// - Returns: false where no peer can take a message now; publishing sockets discard instead.
    @discardableResult
    public func send(_ bytes: [UInt8]) throws(ZeroMQError) -> Bool {
        let count = bytes.count
        return try ZeroMQError.attempt {
            unsafe bytes.withUnsafeBytes { unsafe zmq_send(handle, $0.baseAddress, count, ZMQ_DONTWAIT) }
        } != nil
    }

    /// Sends the message if that needs no waiting, and leaves it empty; keeps it whole otherwise.
    ///
    /// - Returns: false where no peer can take a message now; publishing sockets discard instead.
    @discardableResult
    public func send(_ message: inout Message) throws(ZeroMQError) -> Bool {
        unsafe try message.send(to: handle)
    }
}

extension Socket where Pattern: ReceivingPattern {
    /// Takes the next message, or nil if none waits.
    ///
    /// - Throws: ``ZeroMQError/contextTerminated`` after a shutdown.
    public func receive() throws(ZeroMQError) -> Message? {
        unsafe try Message(receivedFrom: handle)
    }
}

extension Socket where Pattern == Subscribe {
    /// Asks for every message that begins with these bytes; none asks for all.
    public func subscribe(to topic: String) throws(ZeroMQError) {
        unsafe try setOption(ZMQ_SUBSCRIBE, Array(topic.utf8), of: handle)
    }

    /// Takes back one ``subscribe(to:)``.
    public func unsubscribe(from topic: String) throws(ZeroMQError) {
        unsafe try setOption(ZMQ_UNSUBSCRIBE, Array(topic.utf8), of: handle)
    }
}

extension Socket where Pattern == XPublish {
    /// Sets the message each new subscriber receives first, provided that it subscribed to a prefix of it.
    ///
    /// It is given out only while the owner drains ``nextSubscription()``; may be changed at any time.
    public func welcome(with message: [UInt8]) throws(ZeroMQError) {
        unsafe try setOption(ZMQ_XPUB_WELCOME_MSG, message, of: handle)
    }

    /// Takes the next subscriber's coming or going, or nil if none waits.
    ///
    /// Call until nil whenever the socket is readable: welcome messages leave and subscriptions are freed only then.
    public func nextSubscription() throws(ZeroMQError) -> SubscriptionEvent? {
        guard let message = unsafe try Message(receivedFrom: handle) else { return nil }
        return SubscriptionEvent(frame: message.copiedBytes(), user: message.user)
    }

    /// Gives the subscriber whose event was taken last what begins with a topic.
    ///
    /// With ``SocketOptions/grantsSubscriptions`` nobody gets anything otherwise.
    public func grant(_ topic: [UInt8]) throws(ZeroMQError) {
        unsafe try setOption(ZMQ_SUBSCRIBE, topic, of: handle)
    }

    /// Takes a topic back from the subscriber whose event was taken last.
    public func revoke(_ topic: [UInt8]) throws(ZeroMQError) {
        unsafe try setOption(ZMQ_UNSUBSCRIBE, topic, of: handle)
    }
}

/// A topic that gained its first subscriber or lost its last one; where subscriptions are granted, that of any subscriber.
///
/// The user is what ``CurveClients`` calls the holder of the subscriber's key; `nil` without a gate, and for a subscriber
/// that has gone.
public enum SubscriptionEvent: Hashable, Sendable {
    /// The topic has its first subscriber.
    case subscribed(topic: [UInt8], user: String? = nil)
    /// The topic has no subscriber any more.
    case unsubscribed(topic: [UInt8], user: String? = nil)
    /// A message the subscriber's side made up; to be ignored.
    case unknown

    init(frame: [UInt8], user: String?) {
        switch frame.first {
        case 1: self = .subscribed(topic: Array(frame.dropFirst()), user: user)
        case 0: self = .unsubscribed(topic: Array(frame.dropFirst()), user: user)
        default: self = .unknown
        }
    }
}
