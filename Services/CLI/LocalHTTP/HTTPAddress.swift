/// Where a Tollbook service answers HTTP: a host and a port.
public struct HTTPAddress: Hashable, Sendable, LosslessStringConvertible {
    /// The host name or address, without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int

    /// Makes an address.
    public init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:7100` or `http://127.0.0.1:7100`; a path, another scheme or a missing port is refused.
    public init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains("/") else { return nil }
        self.init(host: String(host), port: port)
    }

    /// The address as a URL: `http://127.0.0.1:7100`.
    public var description: String { "http://" + authority }

    /// Host and port as the `Host` header has them.
    public var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
