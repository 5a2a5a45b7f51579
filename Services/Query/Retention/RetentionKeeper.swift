import CoreMetrics
import Logging
import Metering
import Reporting
import ServiceLifecycle

/// Removes the texts of charges that are older than their tenant's span, a little at a time, once an hour.
///
/// It shares the writer's connection with the stage in transactions of milliseconds, with pauses between. What cannot be
/// removed now, as on a full disk, is tried again in an hour: nothing depends on it.
struct RetentionKeeper: Service {
    /// Pauses.
    struct Settings: Sendable {
        /// Between two walks.
        var interval = Duration.seconds(3600)
        /// Between two transactions.
        var pause = Duration.milliseconds(50)
    }

    let policy: RetentionPolicy
    let ledger: SQLiteLedger
    let now: @Sendable () -> Timestamp
    let logger: Logger
    var settings = Settings()
    private let removals = Counter(label: "ledger_removed_changes")

    init(
        policy: RetentionPolicy, ledger: SQLiteLedger, now: @escaping @Sendable () -> Timestamp, logger: Logger,
        settings: Settings = Settings()
    ) {
        self.policy = policy
        self.ledger = ledger
        self.now = now
        self.logger = logger
        self.settings = settings
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await walk()
                try? await Task.sleep(for: settings.interval)
            }
        }
    }

    /// Removes everything that is too old now.
    func walk() async {
        for pass in policy.passes(at: now()) where !Task.isCancelled {
            do {
                let removed = try await walk(pass)
                guard removed > 0 else { continue }
                logger.info(
                    "texts of old charges removed; their sums stay",
                    metadata: ["changes": "\(removed)", "days": "\(pass.days)", "before": "\(pass.before)"])
            } catch is CancellationError {
                return
            } catch {
                logger.error(
                    "old texts could not be removed; it is tried again in an hour", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    private func walk(_ pass: RetentionPass) async throws -> Int {
        var sum = 0
        while let removed = try await ledger.removeOldChanges(pass) {
            sum += removed
            if removed > 0 { removals.increment(by: removed) }
            try await Task.sleep(for: settings.pause)
        }
        return sum
    }
}
