import Hummingbird
public import Logging
public import ServiceLifecycle
public import Settings

/// A small HTTP server with the operator's routes, for services that serve nothing else over HTTP.
public struct AdminServer: Service {
    private let address: ListenAddress
    private let routes: OperatorRoutes
    private let logger: Logger

    /// Makes a server; it listens once it runs.
    public init(address: ListenAddress, routes: OperatorRoutes, logger: Logger) {
        self.address = address
        self.routes = routes
        self.logger = logger
    }

    /// Serves until the service group shuts down.
    public func run() async throws {
        let router = Router()
        routes.add(to: router)
        let application = Application(
            router: router, configuration: .init(address: .hostname(address.host, port: address.port)), logger: logger)
        try await application.run()
    }
}
