import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Metering
import Operations
import Pipeline
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals

/// The dedupe service: counts each model call once.
@main
struct DedupeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook-dedupe", abstract: "Counts each model call once, whatever was said about it.",
        version: Release.version)

    @OptionGroup var settings: DedupeConfiguration

    func run() async throws {
        bootstrapLogging(
            service: "dedupe", settings: try LogSettings(environment: ProcessInfo.processInfo.environment))
        let logger = Logger(label: "dedupe")
        SupervisorWatch.start(logger: logger)
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        metrics.describe(DedupeMetrics.help)
        let health = HealthState(conditions: ["store"], loops: ["stage"])
        var services: [any Service] = [
            DedupeStage.worker(
                try settings.stage(), folder: try settings.folder(), health: health, logger: logger)
        ]
        if let address = try settings.adminAddress() {
            let routes = OperatorRoutes(health: health, metrics: metrics)
            let letters = DeadLetterPage(folder: try settings.folder())
            services.append(
                AdminServer(
                    address: address, routes: routes, pages: [letters.page], keys: try settings.protection.keyRing(),
                    logger: logger))
        }
        try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }
}
