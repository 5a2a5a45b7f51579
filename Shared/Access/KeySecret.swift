import Crypto

/// The secret that a client shows: `tbk_`, the key's id, `_`, 256 random bits.
///
/// It is printed once, when it is made; only its hash is kept. A fast hash is enough, because a secret of 256 random bits
/// cannot be found by trying.
public struct KeySecret: Hashable, Sendable {
    /// The id of the key it belongs to.
    public let keyID: String
    /// The whole secret; to be shown once and never logged.
    public let text: String

    /// Makes a new secret, and with it the key's id.
    public static func make() -> KeySecret {
        var random = SystemRandomNumberGenerator()
        let id = hexadecimal((0..<6).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        let secret = hexadecimal((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        return KeySecret(keyID: id, text: "tbk_\(id)_\(secret)")
    }

    private init(keyID: String, text: String) {
        self.keyID = keyID
        self.text = text
    }

    /// Takes what a client shows.
    ///
    /// - Returns: `nil` for what is no secret of ours.
    public init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "tbk", parts[1].utf8.count == 12, parts[2].utf8.count == 64 else {
            return nil
        }
        keyID = String(parts[1])
        self.text = text
    }

    /// What is kept of the secret: its SHA-256 in hexadecimal.
    public var hash: String { Self.hexadecimal(Array(SHA256.hash(data: Array(text.utf8)))) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension KeySecret: CustomStringConvertible, CustomDebugStringConvertible {
    /// Three stars, so that no log ever shows a secret.
    public var description: String { "***" }
    /// Three stars.
    public var debugDescription: String { "***" }
}
