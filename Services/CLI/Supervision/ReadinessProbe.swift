public import LocalHTTP

/// Asks a service whether it is ready.
public struct ReadinessProbe: Hashable, Sendable {
    /// Where the service answers.
    public let address: HTTPAddress

    /// Makes a probe of a port on loopback.
    public init(port: Int) {
        self.address = HTTPAddress(port: port)
    }

    /// Whether `/readyz` answers with success now.
    public var isReady: Bool {
        var connection = HTTPConnection(to: address, timeout: .seconds(2))
        let response = try? connection.send(.readiness)
        return response?.isSuccess == true
    }
}
