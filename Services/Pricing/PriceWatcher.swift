import CoreMetrics
import Logging
import Metering
import Metrics
import PriceSheets
import Rating
import ServiceLifecycle
import Telemetry
import WallClock

/// Looks after the folders of price sheets and puts a changed book in force, without a restart.
///
/// Sheets that cannot be read leave the book that is in force as it is; the fault is logged, counted and shown by `/readyz`
/// until it is mended.
struct PriceWatcher: Service {
    /// The condition's name in `/readyz`.
    static let condition = "prices"

    let folders: PriceFolders
    let prices: CurrentPrices
    let health: HealthState
    let logger: Logger
    /// How long a change may go unseen.
    let interval: Duration
    private let reloads = Counter(label: "pricing_price_book_reloads")
    private let failures = Counter(label: "pricing_price_book_reload_failures")
    private let rows = Gauge(label: "pricing_price_book_rows")

    init(
        folders: PriceFolders, prices: CurrentPrices, health: HealthState, logger: Logger,
        interval: Duration = .seconds(1)
    ) {
        self.folders = folders
        self.prices = prices
        self.health = health
        self.logger = logger
        self.interval = interval
        health.report(Self.condition, .met)
        rows.record(prices.book.rowCount)
        recordAges(at: .now)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        // Nothing is known at first, so that a change while the service started is seen as well.
        var state: [String]?
        while (try? await Task.sleep(for: interval)) != nil {
            recordAges(at: .now)
            let now = folders.state
            guard now != state else { continue }
            state = now
            reload()
        }
    }

    /// Tells how long ago each provider's list prices were last compared with what it publishes.
    func recordAges(at now: Timestamp) {
        for (provider, day) in prices.book.catalogueDays {
            Gauge(label: "price_catalogue_age_seconds", dimensions: [("provider", provider)])
                .record(max(0, now.seconds - day.start.seconds))
        }
    }

    /// Reads the folders anew.
    func reload() {
        let before = prices.book.version
        do throws(PriceSheetError) {
            let book = try folders.book()
            health.report(Self.condition, .met)
            guard book.version != before else { return }
            prices.replace(with: book)
            reloads.increment()
            rows.record(book.rowCount)
            logger.notice(
                "prices reloaded",
                metadata: ["version": "\(book.version)", "before": "\(before)", "rows": "\(book.rowCount)"])
        } catch {
            failures.increment()
            health.report(Self.condition, .degraded("version \(before) stays in force: \(error)"))
            logger.error(
                "prices not reloaded; those before stay in force",
                metadata: ["version": "\(before)", "fault": "\(error)"])
        }
    }
}
