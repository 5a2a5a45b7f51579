import Access
import Glibc
import Harnesses
import Hummingbird
import Logging
import NIOCore
import Operations
import Pipeline
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals
import WallClock

/// The service: an HTTP server in front, one stage thread behind it.
struct Ingest: Sendable {
    /// Addresses, policies and limits.
    struct Settings: Sendable {
        /// Where telemetry is taken in.
        var address: ListenAddress
        /// What is kept of the identity of users.
        var identityPolicy: IdentityPolicy
        /// The stage's own.
        var stage: IngestStage.Settings
        /// The session files that are followed; `nil` follows none.
        var following: Following.Settings?
        /// The most bytes of one body, on the wire and decompressed.
        var bodyLimit = 64 << 20
        /// The most bytes of all bodies in memory.
        var memoryLimit = 256 << 20
        /// What the server bears.
        var server = ServerLimits(connections: 1024)
        /// The keys in force; `nil` where none are asked for.
        var keys: KeyRing?
        /// How long the stage may wait for dedupe to have everything.
        var drainLimit = Duration.seconds(10)

        init(address: ListenAddress, identityPolicy: IdentityPolicy, stage: IngestStage.Settings) {
            self.address = address
            self.identityPolicy = identityPolicy
            self.stage = stage
        }
    }

    private let settings: Settings
    private let logger: Logger
    /// The stage's thread.
    let worker: StageWorker
    /// The way of requests to the stage.
    let submissions: Submissions
    private let responder: RouterResponder<BasicRequestContext>
    /// Follows session files, where it is to.
    let following: Following?

    /// Puts the service together; nothing is opened before it runs.
    init(_ settings: Settings, metrics registry: MetricsRegistry, logger: Logger) {
        self.settings = settings
        self.logger = logger
        let health = HealthState(conditions: StageReport.conditions, loops: ["stage"])
        let metrics = IngestMetrics()
        let signal = StageSignal()
        let submissions = Submissions(for: signal)
        self.submissions = submissions
        var limits = StageWorker.Settings()
        limits.drainLimit = settings.drainLimit
        worker = StageWorker(
            name: "ingest", logger: logger, settings: limits, signal: signal, onTurn: { health.tick("stage") },
            make: { environment in
                try IngestStage(
                    settings.stage, submissions: submissions, metrics: metrics, health: health, logger: logger,
                    in: environment)
            })
        let router = Router()
        router.add(middleware: RefusalMiddleware(metrics: metrics, logger: logger))
        router.add(middleware: OriginMiddleware())
        router.add(middleware: AuthenticationMiddleware(keys: settings.keys, scope: .ingest))
        OperatorRoutes(health: health, metrics: registry).add(to: router)
        let intake = Intake(identityPolicy: settings.identityPolicy)
        let bodies = BodyReader(limit: settings.bodyLimit, budget: MemoryBudget(limit: settings.memoryLimit))
        following = settings.following.map { following in
            Following(
                settings: following, intake: intake, submissions: submissions, metrics: metrics,
                wallClock: { .now }, logger: logger)
        }
        let reception = Reception(
            bodies: bodies, submissions: submissions, metrics: metrics, wallClock: { .now })
        OTLPReceiver(intake: intake, reception: reception).add(to: router)
        TranscriptReceiver(intake: intake, reception: reception).add(to: router)
        ResultReceiver(intake: intake, reception: reception).add(to: router)
        EventReceiver(intake: intake, reception: reception).add(to: router)
        ResponseReceiver(intake: intake, reception: reception).add(to: router)
        ObservationReceiver(intake: intake, reception: reception).add(to: router)
        responder = router.buildResponder()
    }

    /// Runs until a signal or a failure.
    ///
    /// The stage ends first: while it drains, the server still answers, that nothing is taken any more.
    ///
    /// - Parameter onListening: called with the port once requests can come.
    func run(
        untilSignals signals: [UnixSignal] = [], onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let server = ServerService(application: application(onListening), address: settings.address)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: server),
            // The server answers whoever waits before the process ends.
            .init(service: worker, failureTerminationBehavior: .gracefullyShutdownGroup),
        ]
        if let following { services.append(.init(service: following)) }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.drainLimit + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The HTTP server.
    func application(
        _ onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> Application<RouterResponder<BasicRequestContext>> {
        Application(
            responder: responder, server: settings.server.server,
            configuration: settings.server.configuration(settings.address, logger: logger),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}

/// The HTTP server, with a clear message where its port is taken.
private struct ServerService: Service {
    let application: Application<RouterResponder<BasicRequestContext>>
    let address: ListenAddress

    func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw SettingsError(
                "port \(address.port) of \(address.host) is taken; stop the other program, or choose another port with "
                    + "--port (TOLLBOOK_INGEST_PORT)")
        }
    }
}
