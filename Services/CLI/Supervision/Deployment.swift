/// The four services of one machine: where they listen, where they keep their files, how each is started.
public struct Deployment: Hashable, Sendable {
    /// The ports, all on loopback.
    public var ports: Ports
    /// The folder with one folder per service.
    public var data: String
    /// The folder with the executables.
    public var executables: String
    /// Whether ingest follows the session files of this user's agents.
    public var isFollowing = false

    /// Makes a deployment.
    public init(ports: Ports = Ports(), data: String, executables: String) {
        self.ports = ports
        self.data = data
        self.executables = executables
    }

    /// How to start one service.
    public struct Command: Hashable, Sendable {
        /// The program's path.
        public let executable: String
        /// Its arguments.
        public let arguments: [String]
        /// The port on which it answers `/readyz`.
        public let readinessPort: Int
    }
}

/// One of the four services.
public enum Service: String, CaseIterable, Hashable, Sendable {
    /// The ledger and everything read from it.
    case query
    /// Prices calls.
    case pricing
    /// Counts each call once.
    case dedupe
    /// Takes telemetry in.
    case ingest

    /// Downstream first, so that nothing waits for a peer; stopped in the reverse order.
    public static let startOrder: [Service] = [.query, .pricing, .dedupe, .ingest]
}
