import ZeroMQ

/// One end of a connection between services: an endpoint, and whether this end binds or connects.
///
/// Stable services bind, scaled ones connect.
public struct Link: Hashable, Sendable {
    /// Which part an end plays.
    public enum Role: String, Hashable, Sendable {
        /// Listens at the endpoint.
        case bind
        /// Connects to it, now and whenever the other end comes back.
        case connect
    }

    /// Which part this end plays.
    public let role: Role
    let endpoint: Endpoint
    /// Its keys; nil for none, which suits loopback only.
    var security: CurveSecurity?

    /// Checks and takes an endpoint such as `tcp://127.0.0.1:7101`; port `*` binds any free one.
    public init(_ role: Role, _ endpoint: String) throws(LinkError) {
        guard let valid = Endpoint(endpoint) else { throw LinkError(endpoint: endpoint) }
        self.role = role
        self.endpoint = valid
    }

    init(role: Role, endpoint: Endpoint) {
        self.role = role
        self.endpoint = endpoint
    }

    /// Binds any free port of the loopback address.
    public static let bindAnyLoopbackPort = Link(role: .bind, endpoint: .anyLoopbackPort)

    /// The other end of a bound link.
    public var counterpart: Link {
        Link(role: role == .bind ? .connect : .bind, endpoint: endpoint)
    }

    /// True where only this host can reach the endpoint.
    public var isLoopback: Bool { endpoint.isLoopback }

    /// The port; nil while it is to be chosen by binding.
    public var port: Int? { endpoint.port }
}

extension Link: CustomStringConvertible {
    /// The endpoint.
    public var description: String { endpoint.description }
}

/// A text that is not an endpoint.
public struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public let endpoint: String

    /// What is wrong and what to write instead.
    public var description: String {
        "'\(endpoint)' is not an endpoint; write tcp://HOST:PORT, for instance tcp://127.0.0.1:7101"
    }
}
