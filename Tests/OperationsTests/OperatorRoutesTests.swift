import CoreMetrics
import Hummingbird
import HummingbirdTesting
import NIOCore
import Operations
import Telemetry
import Testing

@Suite struct `The operator's routes` {
    @Test func `say whether a service lives, is ready, and how it is`() async throws {
        let health = HealthState(conditions: ["store"], loops: ["stage"], uptime: { .zero })
        let metrics = MetricsRegistry()
        metrics.makeCounter(label: "events", dimensions: []).increment(by: 3)
        let router = Router()
        OperatorRoutes(health: health, metrics: metrics).add(to: router)
        try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/livez", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(String(buffer: response.body).contains(#""store":"starting""#))
            }
            health.report("store", .met)
            try await client.execute(uri: "/readyz", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
                #expect(String(buffer: response.body).contains("tollbook_events_total 3"))
            }
        }
    }
}
