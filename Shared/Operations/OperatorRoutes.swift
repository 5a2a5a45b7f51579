public import Hummingbird
public import Telemetry

/// What an operator asks every service over HTTP: `/livez`, `/readyz` and `/metrics`.
public struct OperatorRoutes: Sendable {
    private let health: HealthState
    private let metrics: MetricsRegistry

    /// Makes routes that show a service's health and metrics.
    public init(health: HealthState, metrics: MetricsRegistry) {
        self.health = health
        self.metrics = metrics
    }

    /// Adds the routes to a service's router.
    public func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("/livez") { [health] _, _ in Self.answer(health.liveness) }
        router.get("/readyz") { [health] _, _ in Self.answer(health.readiness) }
        router.get("/metrics") { [metrics] _, _ in
            Response(
                status: .ok, headers: [.contentType: MetricsRegistry.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
    }

    private static func answer(_ report: HealthState.Report) -> Response {
        Response(
            status: report.isHealthy ? .ok : .serviceUnavailable,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: report.json)))
    }
}
