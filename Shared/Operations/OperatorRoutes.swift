public import Hummingbird
import Settings
public import Telemetry

/// What an operator asks every service over HTTP: `/livez`, `/readyz` and `/metrics`.
public struct OperatorRoutes: Sendable {
    private let health: HealthState
    private let metrics: MetricsRegistry
    private let additions: @Sendable () async throws -> String

    /// Makes routes that show a service's health and metrics.
    ///
    /// - Parameter additions: gives metrics that the service keeps elsewhere, in the same format, for every request.
    public init(
        health: HealthState, metrics: MetricsRegistry,
        additions: @escaping @Sendable () async throws -> String = { "" }
    ) {
        self.health = health
        self.metrics = metrics
        self.additions = additions
    }

    /// Adds the routes to a service's router.
    public func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("/livez") { [health] _, _ in Self.answer(health.liveness) }
        router.get("/readyz") { [health] _, _ in Self.answer(health.readiness) }
        router.get("/metrics") { [metrics, additions] _, _ in
            let text = metrics.page() + Self.buildInfo + (try await additions())
            return Response(
                status: .ok, headers: [.contentType: MetricsRegistry.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
    }

    private static let buildInfo = """
        # HELP tollbook_build_info Which release runs.
        # TYPE tollbook_build_info gauge
        tollbook_build_info{version="\(Release.version)"} 1

        """

    private static func answer(_ report: HealthState.Report) -> Response {
        Response(
            status: report.isHealthy ? .ok : .serviceUnavailable,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: report.json)))
    }
}
