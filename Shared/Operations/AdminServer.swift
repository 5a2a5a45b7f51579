public import Access
import Hummingbird
public import Logging
public import ServiceLifecycle
public import Settings

/// A small HTTP server with the operator's routes, for services that serve nothing else over HTTP.
public struct AdminServer: Service {
    private let address: ListenAddress
    private let routes: OperatorRoutes
    private let pages: [AdminPage]
    private let keys: KeyRing?
    private let logger: Logger

    /// Makes a server; it listens once it runs.
    ///
    /// - Parameter keys: the keys in force; `nil` where none are asked for.
    public init(
        address: ListenAddress, routes: OperatorRoutes, pages: [AdminPage] = [], keys: KeyRing? = nil, logger: Logger
    ) {
        self.keys = keys
        self.address = address
        self.routes = routes
        self.pages = pages
        self.logger = logger
    }

    /// Serves until the service group shuts down.
    public func run() async throws {
        let router = Router()
        router.add(middleware: AuthenticationMiddleware(keys: keys, scope: .admin))
        routes.add(to: router)
        for page in pages {
            router.get(RouterPath(page.path)) { request, _ in
                let parameters = request.uri.queryParameters
                let body = try page.body { name in parameters[Substring(name)].map { String($0) } }
                return Response(
                    status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
                    body: .init(byteBuffer: ByteBuffer(bytes: body)))
            }
        }
        let limits = ServerLimits(connections: 256)
        let application = Application(
            router: router, server: limits.server, configuration: limits.configuration(address, logger: logger),
            logger: logger)
        try await application.run()
    }
}
