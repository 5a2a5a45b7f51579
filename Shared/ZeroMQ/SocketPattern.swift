import CZeroMQ

/// What a socket does with messages: the phantom type of ``Socket``.
public protocol SocketPattern {
    /// libzmq's number for the socket type.
    static var kind: Int32 { get }
}

/// A pattern whose sockets send.
public protocol SendingPattern: SocketPattern {}

/// A pattern whose sockets receive.
public protocol ReceivingPattern: SocketPattern {}

/// Deals messages to its peers in turn; never discards one at the high-water mark.
public enum Push: SendingPattern {
    /// libzmq\'s `ZMQ_PUSH`.
    public static var kind: Int32 { ZMQ_PUSH }
}

/// Takes messages from its peers in turn.
public enum Pull: ReceivingPattern {
    /// libzmq\'s `ZMQ_PULL`.
    public static var kind: Int32 { ZMQ_PULL }
}

/// Sends each message to every subscriber of its topic; discards what a slow one cannot take.
public enum Publish: SendingPattern {
    /// libzmq\'s `ZMQ_PUB`.
    public static var kind: Int32 { ZMQ_PUB }
}

/// Receives the messages whose first bytes match a subscription.
public enum Subscribe: ReceivingPattern {
    /// libzmq\'s `ZMQ_SUB`.
    public static var kind: Int32 { ZMQ_SUB }
}

/// Publishes, sees who subscribes, and welcomes each new subscriber.
public enum XPublish: SendingPattern {
    /// libzmq\'s `ZMQ_XPUB`.
    public static var kind: Int32 { ZMQ_XPUB }
}
