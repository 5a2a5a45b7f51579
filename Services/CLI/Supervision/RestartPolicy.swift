/// When a service that died unexpectedly is started again: at once, then after growing pauses.
public struct RestartPolicy: Hashable, Sendable {
    /// The pause before the second start in a row.
    public var firstPause: Duration
    /// The longest pause.
    public var longestPause: Duration
    /// A service that ran this long is healthy: the next failure counts as the first.
    public var healthyAfter: Duration
    private var failures = 0

    /// Makes a policy.
    public init(
        firstPause: Duration = .milliseconds(500), longestPause: Duration = .seconds(30),
        healthyAfter: Duration = .seconds(60)
    ) {
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.healthyAfter = healthyAfter
    }

    /// Notes that the service died and tells how long to wait before starting it again.
    public mutating func pause(afterRunning uptime: Duration) -> Duration {
        if uptime >= healthyAfter { failures = 0 }
        defer { failures += 1 }
        guard failures > 0 else { return .zero }
        var pause = firstPause
        for _ in 1..<failures where pause < longestPause { pause *= 2 }
        return min(pause, longestPause)
    }
}
