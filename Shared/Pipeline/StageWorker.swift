public import Logging
public import ServiceLifecycle

/// The thread of one stage, as a service.
///
/// Makes the stage on its thread, gives it turns, and releases it there. A graceful shutdown asks the stage to drain, for
/// a limited time; cancellation ends it after its turn. What the stage throws is what `run()` throws, so that the
/// service group fails and the process exits.
public final class StageWorker: Service {
    /// Limits of a worker.
    public struct Settings: Sendable {
        /// How long a stage may drain.
        public var drainLimit: Duration = .seconds(10)
        /// The longest wait between two turns, so that ``StageWorker`` shows that it lives.
        public var longestWait: Duration = .seconds(1)

        /// Makes settings with the house's limits.
        public init() {}
    }

    /// Wakes the stage from other threads.
    public let signal: StageSignal
    private let name: String
    private let logger: Logger
    private let loop: @Sendable (StageSignal) throws -> Void

    /// Makes a worker; the thread starts with `run()`.
    ///
    /// - Parameters:
    ///   - name: the stage's name in logs.
    ///   - onTurn: called at the start of every turn, for a sign of life.
    ///   - make: makes the stage, on its thread.
    public init<Running: Stage & ~Copyable>(
        name: String,
        logger: Logger,
        settings: Settings = Settings(),
        clock: MonotonicClock = .system,
        signal: StageSignal = StageSignal(),
        onTurn: @escaping @Sendable () -> Void = {},
        make: @escaping @Sendable (StageEnvironment) throws -> Running
    ) {
        self.name = name
        self.logger = logger
        self.signal = signal
        loop = { signal in
            let environment = try StageEnvironment(clock: clock, signal: signal)
            var stage = try make(environment)
            try StageLoop(settings: settings, name: name, logger: logger, onTurn: onTurn)
                .run(&stage, in: environment)
        }
    }

    /// Runs the stage until it finished, failed, or was stopped.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await runThread()
            } onGracefulShutdown: {
                self.signal.drain()
            }
        } onCancel: {
            signal.stop()
        }
    }

    private func runThread() async throws {
        logger.info("stage started", metadata: ["stage": "\(name)"])
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            do {
                try DedicatedThread.start { [loop, signal] in
                    ended.resume(with: Result { try loop(signal) })
                }
            } catch {
                ended.resume(throwing: error)
            }
        }
        logger.info("stage ended", metadata: ["stage": "\(name)"])
    }
}
