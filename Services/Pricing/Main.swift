import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Operations
import Pipeline
import PriceSheets
import Rating
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals

/// The pricing service: a stateless relay that puts a price beside every call.
@main struct PricingService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollbook-pricing", abstract: "Prices calls from dated price sheets.", version: Release.version)

    @OptionGroup var settings: PricingConfiguration

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        bootstrapLogging(service: "pricing", settings: try LogSettings(environment: environment))
        let logger = Logger(label: "pricing")
        SupervisorWatch.start(logger: logger)
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        metrics.describe(ChargeTransform.help)
        let folders = settings.folders
        let book = try folders.book()
        logger.info("prices loaded", metadata: ["version": "\(book.version)", "rows": "\(book.rowCount)"])
        let health = HealthState(conditions: [], loops: ["relay"])
        let prices = CurrentPrices(book)
        let watcher = PriceWatcher(folders: folders, prices: prices, health: health, logger: logger)
        let links = try settings.relay()
        let transform = ChargeTransform(prices: prices, logger: logger)
        let worker = StageWorker(
            name: "relay", logger: logger, onTurn: { health.tick("relay") },
            make: { try Relay(links, transform: transform, in: $0) })
        let routes = OperatorRoutes(health: health, metrics: metrics)
        let admin = try settings.adminAddress().map {
            AdminServer(address: $0, routes: routes, keys: try settings.protection.keyRing(), logger: logger)
        }
        let services = [worker as any Service, watcher] + (admin.map { [$0] } ?? [])
        try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }
}
