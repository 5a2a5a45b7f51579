/// Where a socket binds or connects: `tcp://HOST:PORT` between processes, `inproc://NAME` between threads.
///
/// No `ipc://`: it loses what was not yet read when the peer hangs up, and a second binder silently takes the path.
public struct Endpoint: Hashable, Sendable, LosslessStringConvertible {
    /// The endpoint as libzmq takes it.
    public let description: String

    /// Checks and takes an endpoint.
    ///
    /// The port is 1 to 65535, or `*` for any free one when binding. The host is a name, an IPv4 address, an IPv6 one in
    /// brackets, or `*` for every address of this host.
    ///
    /// - Returns: nil where the text is not such an endpoint.
    public init?(_ description: String) {
        guard Self.isTCP(description) || Self.isInproc(description) else { return nil }
        self.description = description
    }

    /// Any free port of the loopback address.
    public static let anyLoopbackPort = Endpoint(verified: "tcp://127.0.0.1:*")

    /// A name for threads of one process that share a context.
    ///
    /// - Precondition: the name is not empty.
    public static func inproc(_ name: String) -> Endpoint {
        precondition(!name.isEmpty, "an inproc endpoint needs a name")
        return Endpoint(verified: "inproc://\(name)")
    }

    /// Takes what libzmq itself answered.
    init(verified description: String) {
        self.description = description
    }

    /// True where only this host can reach a socket bound here.
    public var isLoopback: Bool {
        guard let host = Self.hostAndPort(of: description)?.host else { return true }
        return host == "localhost" || host == "[::1]" || Self.isLoopbackAddress(host)
    }

    /// The port of a `tcp` endpoint; nil for `*` and for `inproc`.
    public var port: Int? {
        Self.hostAndPort(of: description).flatMap { Int($0.port) }
    }

    private static func isLoopbackAddress(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isInproc(_ text: String) -> Bool {
        let scheme = "inproc://"
        return text.hasPrefix(scheme) && text.utf8.count > scheme.utf8.count && text.utf8.count <= 255
    }

    private static func isTCP(_ text: String) -> Bool {
        guard let (host, port) = hostAndPort(of: text), !host.isEmpty, host.utf8.count <= 255 else { return false }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"): isBracketed
            default: false
            }
        }
        guard allowed || host == "*" else { return false }
        if port == "*" { return true }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return false }
        return Int(port).map { (1...65535).contains($0) } ?? false
    }

    private static func hostAndPort(of text: String) -> (host: Substring, port: Substring)? {
        let scheme = "tcp://"
        guard text.hasPrefix(scheme) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let colon = rest.lastIndex(of: ":") else { return nil }
        return (rest[..<colon], rest[rest.index(after: colon)...])
    }
}
