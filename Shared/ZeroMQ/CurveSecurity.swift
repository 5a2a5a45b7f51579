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

/// Encryption of a socket's connections.
///
/// Keys that clients show are accepted by a ZAP handler or, without one, all accepted.
public enum CurveSecurity: Hashable, Sendable {
    /// Proves itself with a secret key; for the side that binds.
    case server(secretKey: CurveKey)
    /// Expects the server's public key and shows its own; for the side that connects.
    case client(serverKey: CurveKey, keys: CurveKeyPair)

    func apply(to socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
        switch self {
        case .server(let secretKey):
            unsafe try setOption(ZMQ_CURVE_SERVER, Int32(1), of: socket)
            unsafe try setOption(ZMQ_CURVE_SECRETKEY, Array(secretKey.text.utf8), of: socket)
        case .client(let serverKey, let keys):
            unsafe try setOption(ZMQ_CURVE_SERVERKEY, Array(serverKey.text.utf8), of: socket)
            unsafe try setOption(ZMQ_CURVE_PUBLICKEY, Array(keys.publicKey.text.utf8), of: socket)
            unsafe try setOption(ZMQ_CURVE_SECRETKEY, Array(keys.secretKey.text.utf8), of: socket)
        }
    }
}
