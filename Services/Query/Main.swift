import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Operations
import Settings
import Telemetry

/// The query service: keeps the ledger, answers questions about it, publishes its changes.
@main
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook-query", abstract: "Keeps the ledger, answers questions about it, publishes its changes.",
        version: Release.version)

    @OptionGroup var settings: QueryConfiguration

    func run() async throws {
        bootstrapLogging(
            service: "query", settings: try LogSettings(environment: ProcessInfo.processInfo.environment))
        SupervisorWatch.start(logger: Logger(label: "query"))
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        metrics.describe(LedgerMetrics.help)
        let service = try LedgerService(
            folder: settings.ledgerFolder(), keys: settings.protection.keyRing(), logger: Logger(label: "query"))
        try await service.run(settings, metrics: metrics)
    }
}
