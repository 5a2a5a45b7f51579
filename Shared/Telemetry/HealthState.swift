import Synchronization
import Wire

/// Whether a service lives and whether it can do its work, for `/livez` and `/readyz`.
///
/// Stages and receivers report to it from any thread; HTTP reads it.
public final class HealthState: Sendable {
    /// The state of one named condition.
    public enum Condition: Hashable, Sendable {
        /// All is well.
        case met
        /// The service works, not as well as it should; stays ready.
        case degraded(String)
        /// The service cannot do its work: not ready.
        case unmet(String)

        /// Why, unless all is well.
        public var reason: String? {
            switch self {
            case .met: nil
            case .degraded(let reason), .unmet(let reason): reason
            }
        }
    }

    /// One answer to "are you live" or "are you ready".
    public struct Report: Hashable, Sendable {
        /// Yes or no: HTTP 200 or 503.
        public let isHealthy: Bool
        /// Every condition and its state.
        public let conditions: [String: Condition]

        /// The report as JSON: `{"status":"ok","conditions":{"spool":"ok","bus":"connecting"}}`.
        public var json: [UInt8] {
            var json = JSONWriter(capacity: 256)
            json.object { json in
                json.member("status", isHealthy ? "ok" : "unavailable")
                json.key("conditions")
                json.object { json in
                    for (name, condition) in conditions.sorted(by: { $0.key < $1.key }) {
                        json.key(dynamic: name)
                        json.string(condition.reason ?? "ok")
                    }
                }
            }
            return json.bytes
        }
    }

    private struct State {
        var conditions: [String: Condition]
        var lastTicks: [String: Duration]
    }

    private let silenceLimit: Duration
    private let uptime: @Sendable () -> Duration
    private let state: Mutex<State>

    /// Makes a state in which nothing is ready yet.
    ///
    /// - Parameters:
    ///   - conditions: what must be met before the service is ready; each is unmet until reported.
    ///   - loops: the loops that are to tick.
    ///   - silenceLimit: how long a loop may not tick before the service counts as dead.
    ///   - uptime: a monotonic clock's time since any moment.
    public init(
        conditions: [String], loops: [String], silenceLimit: Duration = .seconds(5),
        uptime: @escaping @Sendable () -> Duration = HealthState.monotonicTime
    ) {
        self.silenceLimit = silenceLimit
        self.uptime = uptime
        let start = uptime()
        state = Mutex(
            State(
                conditions: Dictionary(conditions.map { ($0, .unmet("starting")) }, uniquingKeysWith: { $1 }),
                lastTicks: Dictionary(loops.map { ($0, start) }, uniquingKeysWith: { $1 })))
    }

    /// Says that a loop is alive.
    public func tick(_ loop: String) {
        let now = uptime()
        state.withLock { $0.lastTicks[loop] = now }
    }

    /// Reports a condition; one not named at the start counts from now on.
    ///
    /// - Returns: the state before, so that a change is logged once.
    @discardableResult
    public func report(_ name: String, _ condition: Condition) -> Condition? {
        state.withLock { $0.conditions.updateValue(condition, forKey: name) }
    }

    /// Whether every loop ticked lately.
    public var liveness: Report {
        let now = uptime()
        let silent = state.withLock { $0.lastTicks }.mapValues { last -> Condition in
            now - last <= silenceLimit ? .met : .unmet("no sign of life for \((now - last).components.seconds) s")
        }
        return Report(isHealthy: silent.values.allSatisfy { $0 == .met }, conditions: silent)
    }

    /// Whether every condition is met or merely degraded.
    public var readiness: Report {
        let conditions = state.withLock { $0.conditions }
        let isReady = conditions.values.allSatisfy { condition in
            if case .unmet = condition { false } else { true }
        }
        return Report(isHealthy: isReady, conditions: conditions)
    }

    /// The host's monotonic clock.
    public static let monotonicTime: @Sendable () -> Duration = {
        SuspendingClock.Instant.epoch.duration(to: .now)
    }
}

extension SuspendingClock.Instant {
    fileprivate static let epoch = SuspendingClock.now
}
