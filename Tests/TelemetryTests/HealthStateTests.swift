import Synchronization
import Telemetry
import Testing

struct HealthStateTests {
    private final class ManualClock: Sendable {
        private let time = Mutex(Duration.zero)
        var now: Duration { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = ManualClock()
    private let health: HealthState

    init() {
        health = HealthState(conditions: ["spool", "http"], loops: ["stage"], uptime: { [clock] in clock.now })
    }

    @Test func `nothing is ready before it was reported`() {
        #expect(!health.readiness.isHealthy)
        health.report("spool", .met)
        #expect(!health.readiness.isHealthy)
        health.report("http", .met)
        #expect(health.readiness.isHealthy)
    }

    @Test func `an unmet condition says why and a degraded one leaves the service ready`() {
        health.report("spool", .met)
        health.report("http", .degraded("dedupe is silent for 30 s"))
        #expect(health.readiness.isHealthy)
        health.report("spool", .unmet("disk below its reserve"))
        #expect(!health.readiness.isHealthy)
        #expect(
            String(decoding: health.readiness.json, as: UTF8.self)
                == #"{"status":"unavailable","conditions":{"http":"dedupe is silent for 30 s","spool":"disk below its reserve"}}"#
        )
    }

    @Test func `a report answers the state before`() {
        let first = health.report("spool", .met)
        let second = health.report("spool", .unmet("full"))
        #expect(first == .unmet("starting"))
        #expect(second == .met)
    }

    @Test func `a loop that is silent for more than the limit is dead`() {
        clock.advance(by: .seconds(5))
        #expect(health.liveness.isHealthy)
        clock.advance(by: .milliseconds(1))
        #expect(!health.liveness.isHealthy)
        #expect(health.liveness.conditions == ["stage": .unmet("no sign of life for 5 s")])
        health.tick("stage")
        #expect(health.liveness.isHealthy)
    }
}
