/// An address a service listens on, refused when it would be open to others without protection.
public struct ListenAddress: Hashable, Sendable {
    /// The host, such as `127.0.0.1`.
    public let host: String
    /// The TCP port; 0 lets the system choose.
    public let port: Int

    /// Checks an address.
    ///
    /// - Parameters:
    ///   - host: The host to listen on.
    ///   - port: The port, 0 to 65535.
    ///   - isProtected: Whether the listener demands authentication.
    ///   - isInsecureAllowed: Whether the operator accepts an open listener, as inside a private container network.
    /// - Throws: `SettingsError` that says how to allow the address.
    public init(
        host: String, port: Int, isProtected: Bool = false, isInsecureAllowed: Bool
    ) throws(SettingsError) {
        guard (0...65_535).contains(port) else {
            throw SettingsError("port \(port) is out of range; choose 1 to 65535, or 0 for any free port")
        }
        guard Self.isLoopback(host) || isProtected || isInsecureAllowed else {
            throw SettingsError(
                "refusing to listen on \(host):\(port) without authentication; use 127.0.0.1, or name a keys file with "
                    + "--keys (TOLLBOOK_KEYS), or, on a network that only trusted machines reach, allow it with "
                    + "--insecure-allow (TOLLBOOK_INSECURE_ALLOW=true)")
        }
        self.host = host
        self.port = port
    }

    /// The address as ZeroMQ writes it: `tcp://127.0.0.1:7101`, or `tcp://127.0.0.1:*` for any free port.
    public var endpoint: String {
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return "tcp://\(bracketed):\(port == 0 ? "*" : String(port))"
    }

    /// Whether only this machine can reach a host.
    public static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
