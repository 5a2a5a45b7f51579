import Foundation
import Logging
import Metering
import Pipeline
import Telemetry
import WallClock

extension DedupeStage {
    /// The thread that runs the stage, on the store in a folder.
    static func worker(
        _ settings: Settings, folder: String, health: HealthState, logger: Logger
    ) -> StageWorker {
        let make: @Sendable (StageEnvironment) throws -> DedupeStage = { environment in
            let store = try DedupeStore(folder: folder, policy: settings.policy)
            let stage = try DedupeStage(
                settings, store: store, metrics: DedupeMetrics(store.tally), logger: logger, wallClock: { .now },
                in: environment)
            health.report("store", .met)
            return stage
        }
        return StageWorker(name: "dedupe", logger: logger, onTurn: { health.tick("stage") }, make: make)
    }
}
