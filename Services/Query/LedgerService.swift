import Access
import Hummingbird
import Logging
import Metering
import Operations
import Pipeline
import Reporting
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals
import WallClock

/// The parts of the query service, wired: the ledger, its stage, the HTTP interface.
struct LedgerService {
    let ledger: SQLiteLedger
    let head: LedgerHead
    /// The keys in force; `nil` where none are asked for.
    let keys: KeyRing?
    let health = HealthState(conditions: ["store"], loops: ["stage"])
    let logger: Logger
    /// Keeps other processes away from the folder: what is kept in memory is right for one writer only.
    private let lock: any DirectoryLock

    /// Opens the ledger in a folder.
    ///
    /// - Throws: `FolderInUse` when another process has it, `StorageError` when it cannot be used.
    init(folder: String, keys: KeyRing? = nil, logger: Logger) throws {
        lock = try PosixDisk().claim(folder, for: "tollbook-query")
        ledger = try SQLiteLedger(path: folder + "/ledger.sqlite")
        head = LedgerHead(view: TenantView(isGuarded: keys != nil))
        self.keys = keys
        self.logger = logger
    }

    /// The thread that stores charges and publishes changes.
    ///
    /// - Parameter started: is told where the stage is bound, on its thread.
    func stage(
        _ settings: LedgerStage.Settings,
        started: @escaping @Sendable (_ charges: Link, _ watermarks: Link, _ feed: Link) -> Void = { _, _, _ in }
    ) -> StageWorker {
        let (ledger, head, health, logger) = (ledger, head, health, logger)
        let make: @Sendable (StageEnvironment) throws -> LedgerStage = { environment in
            let writer = try ledger.makeWriter()
            let metrics = LedgerMetrics(stored: try writer.counters(), lastSequence: writer.lastSequence)
            let stage = try LedgerStage(
                settings, ledger: writer, head: head, metrics: metrics, logger: logger, wallClock: { .now },
                in: environment)
            health.report("store", .met)
            started(stage.links.charges, stage.links.watermarks, stage.links.feed)
            return stage
        }
        return StageWorker(name: "ledger", logger: logger, onTurn: { health.tick("stage") }, make: make)
    }

    /// The HTTP interface.
    func api(metrics: MetricsRegistry, hosts: AllowedHosts, zone: ZoneOffsets, budgets: BudgetRoutes) -> QueryAPI {
        let operations = OperatorRoutes(health: health, metrics: metrics) { [ledger] () async throws -> String in
            UsageExposition(try await ledger.movements()).text + budgets.board.exposition
        }
        return QueryAPI(
            ledger: ledger, head: head, hosts: hosts, zone: zone, operations: operations, budgets: budgets, keys: keys)
    }

    /// Serves until a signal ends it; what is in hand is finished within ten seconds.
    func run(_ settings: QueryConfiguration, metrics: MetricsRegistry) async throws {
        let address = try settings.address()
        let zone = TimeZones.offsets(of: settings.timezone) ?? .utc
        let budgets = BudgetRoutes(
            book: try settings.budgetBook(zone: zone), board: BudgetBoard(), ledger: ledger, now: { .now })
        let monitor = BudgetMonitor(
            book: budgets.book, ledger: ledger, head: head, sender: WebhookSender(), board: budgets.board,
            now: { .now }, logger: logger)
        let api = api(metrics: metrics, hosts: settings.hosts, zone: zone, budgets: budgets)
        // Beside those who follow events there must be room for those who ask.
        let limits = ServerLimits(connections: 2 * EventStream.Pace().maximumStreams)
        let server = Application(
            router: api.router(), server: limits.server,
            configuration: limits.configuration(address, serverName: "tollbook", logger: logger), logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: stage(try settings.stage())), .init(service: monitor), .init(service: server),
                .init(
                    service: RetentionKeeper(
                        policy: try settings.retention(), ledger: ledger, now: { .now }, logger: logger)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}
