import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Operations
import Settings
import Telemetry
import UnixSignals

/// The ingest service: takes telemetry in and answers once it is safe.
@main
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook-ingest",
        abstract: "Takes in what coding agents report, and keeps it until it is counted.", version: Release.version)

    @OptionGroup var settings: IngestConfiguration

    func run() async throws {
        bootstrapLogging(
            service: "ingest", settings: try LogSettings(environment: ProcessInfo.processInfo.environment))
        SupervisorWatch.start(logger: Logger(label: "ingest"))
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        metrics.describe(IngestMetrics.help)
        let ingest = try Ingest(settings.settings(), metrics: metrics, logger: Logger(label: "ingest"))
        try await ingest.run(untilSignals: [.sigterm, .sigint])
    }
}
