import CZeroMQ

/// A CURVE key: 32 bytes, written as 40 characters of Z85.
///
/// Its description hides it; ``text`` shows it.
public struct CurveKey: Hashable, Sendable {
    /// The key in Z85.
    public let text: String

    /// Checks and takes a key written in Z85.
    ///
    /// - Returns: nil where the text is not 40 characters that stand for 32 bytes.
    public init?(_ text: String) {
        guard text.utf8.count == 40 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        guard unsafe zmq_z85_decode(&bytes, text) != nil else { return nil }
        self.text = text
    }

    /// Takes a key's 32 bytes; nil for any other number of them.
    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        var text = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_z85_encode(&text, bytes, bytes.count) != nil else { return nil }
        self.init(generated: text)
    }

    fileprivate init(generated buffer: [CChar]) {
        text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension CurveKey: CustomStringConvertible {
    /// Three stars, so that no log ever shows a key.
    public var description: String { "***" }
}

/// A public key and the secret key it belongs to.
public struct CurveKeyPair: Hashable, Sendable {
    /// The key to give to peers.
    public let publicKey: CurveKey
    /// The key to keep.
    public let secretKey: CurveKey

    /// Joins two keys.
    public init(publicKey: CurveKey, secretKey: CurveKey) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// Makes a new pair.
    ///
    /// - Throws: an error with code `ENOTSUP` where libzmq was built without CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicKey = [CChar](repeating: 0, count: 41)
        var secretKey = [CChar](repeating: 0, count: 41)
        _ = try ZeroMQError.check { unsafe zmq_curve_keypair(&publicKey, &secretKey) }
        return CurveKeyPair(publicKey: CurveKey(generated: publicKey), secretKey: CurveKey(generated: secretKey))
    }
}

/// Who may connect to the sockets of one kind in a context.
public struct CurveClients: Hashable, Sendable {
    /// The kind of socket (a ZAP domain): a key that opens one kind does not open another.
    public let domain: String
    /// What each key's holder is called; messages from there carry it as their user.
    public let users: [CurveKey: String]

    /// Lists the clients of a kind of socket.
    public init(domain: String, users: [CurveKey: String]) {
        self.domain = domain
        self.users = users
    }
}

/// Encryption of a socket's connections.
///
/// Keys that clients show are accepted by a ``CurveGate`` or, at a socket that is not guarded, all accepted.
public enum CurveSecurity: Hashable, Sendable {
    /// Proves itself with a secret key; for the side that binds. With a list of clients it is guarded: only they are let
    /// in, by the ``CurveGate`` of its context, and nobody where there is none.
    case server(secretKey: CurveKey, allowing: CurveClients? = nil)
    /// Expects the server's public key and shows its own; for the side that connects.
    case client(serverKey: CurveKey, keys: CurveKeyPair)

    /// `ZMQ_ZAP_ENFORCE_DOMAIN`, which the header names only in draft builds and the library always knows.
    private static let zapEnforceDomain: Int32 = 93

    func apply(to socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
        switch self {
        case .server(let secretKey, let clients):
            if let clients {
                // Without a gate to ask, the handshake fails instead of succeeding.
                unsafe try setOption(ZMQ_ZAP_DOMAIN, Array(clients.domain.utf8), of: socket)
                unsafe try setOption(Self.zapEnforceDomain, Int32(1), of: socket)
            }
            unsafe try setOption(ZMQ_CURVE_SERVER, Int32(1), of: socket)
            unsafe try setOption(ZMQ_CURVE_SECRETKEY, Array(secretKey.text.utf8), of: socket)
        case .client(let serverKey, let keys):
            unsafe try setOption(ZMQ_CURVE_SERVERKEY, Array(serverKey.text.utf8), of: socket)
            unsafe try setOption(ZMQ_CURVE_PUBLICKEY, Array(keys.publicKey.text.utf8), of: socket)
            unsafe try setOption(ZMQ_CURVE_SECRETKEY, Array(keys.secretKey.text.utf8), of: socket)
        }
    }
}
