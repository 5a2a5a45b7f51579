import Logging
import Pipeline
import Telemetry

/// Tells operators how the stage is: one log line for each change, and the conditions of `/readyz`.
struct StageReport {
    /// The conditions that must be met before the service is ready.
    static let conditions = ["accepting", "spool"]

    private let health: HealthState
    private let logger: Logger
    private let patience: Duration
    private var lastProgress: MonotonicInstant
    private var isDownstreamAway = false
    private var isFull = false
    private var isClosing = false

    init(health: HealthState, logger: Logger, patience: Duration, now: MonotonicInstant) {
        self.health = health
        self.logger = logger
        self.patience = patience
        lastProgress = now
    }

    /// Requests are taken from now on.
    func isOpen() {
        health.report("accepting", .met)
        health.report("spool", .met)
        health.report("dedupe", .met)
    }

    /// Requests are no longer taken.
    mutating func isDraining() {
        guard !isClosing else { return }
        isClosing = true
        health.report("accepting", .unmet("draining"))
        logger.info("draining")
    }

    /// Events found no room.
    mutating func hasNoRoom(_ error: SpoolError) {
        guard !isFull else { return }
        isFull = true
        health.report("spool", .unmet("full"))
        logger.warning("spool full", metadata: ["error": "\(error)"])
    }

    /// There is room again.
    mutating func hasRoom() {
        isFull = false
        health.report("spool", .met)
        logger.notice("spool has room again")
    }

    /// What a turn saw of the next stage; being away makes the service degraded, not unready, since it can spool.
    mutating func downstream(isDrained: Bool, _ progress: Outlet.Progress, at now: MonotonicInstant) {
        if isDrained || progress.acknowledged > 0 {
            lastProgress = now
            guard isDownstreamAway else { return }
            isDownstreamAway = false
            health.report("dedupe", .met)
            logger.notice("dedupe acknowledges again")
        } else if !isDownstreamAway, now - lastProgress > patience {
            isDownstreamAway = true
            health.report("dedupe", .degraded("does not acknowledge; events are kept until it does"))
            logger.warning("dedupe does not acknowledge; events are kept until it does")
        }
    }
}
