public import Hummingbird
public import HummingbirdCore
public import Logging
import NIOCore
public import Settings

/// What an HTTP server bears: how many clients, how slow, and how large their headers.
///
/// A client that sends its request a byte at a time, or nothing, loses its connection; so does no reader of a stream, whose
/// request has arrived.
public struct ServerLimits: Hashable, Sendable {
    /// The most connections at a time.
    public var connections: Int
    /// How long a request may take to arrive.
    public var requestTimeout: Duration
    /// How long a connection may be silent; longer than the minute between two exports of metrics, so that a client's next
    /// export does not meet a closing connection.
    public var idleTimeout: Duration

    /// Makes limits.
    public init(
        connections: Int, requestTimeout: Duration = .seconds(60), idleTimeout: Duration = .seconds(75)
    ) {
        self.connections = connections
        self.requestTimeout = requestTimeout
        self.idleTimeout = idleTimeout
    }

    /// Makes the server of an application.
    public var server: HTTPServerBuilder {
        let timeout = TimeAmount(requestTimeout)
        return .http1(
            configuration: .init(
                additionalChannelHandlers: [RequestArrival(limit: timeout)], idleTimeout: TimeAmount(idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    }

    /// The configuration of an application that listens on an address.
    public func configuration(
        _ address: ListenAddress, serverName: String? = nil, logger: Logger
    ) -> ApplicationConfiguration {
        .init(
            address: .hostname(address.host, port: address.port), serverName: serverName,
            availableConnectionsDelegate: .maximum(connections, logger: logger))
    }
}
