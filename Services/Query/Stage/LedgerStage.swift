import Logging
import Metering
import Pipeline

/// The thread of the ledger: receive what waits, store it in one transaction, acknowledge it, publish the changes.
struct LedgerStage: Stage, ~Copyable {
    /// Endpoints and limits of the stage.
    struct Settings: Sendable {
        var inlet: Inlet.Settings
        var feed: Link
    }

    private let ledger: any LedgerWriting
    private let head: LedgerHead
    private let metrics: LedgerMetrics
    private let logger: Logger
    private let wallClock: @Sendable () -> Timestamp
    private var intake: Intake
    private var inlet: Inlet
    private var feed: Feed

    /// Opens the sockets of a ledger.
    ///
    /// - Parameters:
    ///   - head: is told of every commit.
    ///   - wallClock: the time that changes are recorded with.
    init(
        _ settings: Settings, ledger: any LedgerWriting, head: LedgerHead, metrics: LedgerMetrics, logger: Logger,
        wallClock: @escaping @Sendable () -> Timestamp, in environment: StageEnvironment
    ) throws {
        let intake = Intake(windows: try ledger.windows())
        let inlet = try Inlet(settings.inlet, in: environment)
        let feed = try Feed(settings.feed, epoch: ledger.epoch, sequence: ledger.lastSequence, in: environment)
        head.advance(to: ledger.lastSequence)
        self.ledger = ledger
        self.head = head
        self.metrics = metrics
        self.logger = logger
        self.wallClock = wallClock
        self.intake = intake
        self.inlet = inlet
        self.feed = feed
    }

    /// The links the stage is bound to, their ports filled in.
    var links: (charges: Link, watermarks: Link, feed: Link) { (inlet.batches, inlet.watermarks, feed.link) }

    func register(in interests: inout Interests) {
        inlet.register(in: &interests)
        feed.register(in: &interests)
    }

    mutating func turn(_ turn: Turn) throws -> NextTurn {
        try feed.serve(at: turn.now)
        // What is not yet taken in stays with its sender, who sends it to the next process.
        guard !turn.isDraining else { return .finished }
        let arrivals = try inlet.receive(clock: turn.clock)
        if !arrivals.isEmpty { try store(arrivals, turn) }
        try inlet.rebroadcast(at: turn.now)
        return arrivals.isMoreLikely ? .immediately : .byEarliest(inlet.deadline, feed.nextHeartbeat)
    }

    private mutating func store(_ arrivals: Arrivals, _ turn: Turn) throws {
        let batch = try intake.take(arrivals)
        let start = turn.clock.now
        let commit = try ledger.commit(batch, at: wallClock())
        metrics.record(batch, commit, lastSequence: ledger.lastSequence, seconds: turn.clock.now - start)
        for (stream, window) in batch.windows {
            try inlet.acknowledge(stream, through: window.watermark, at: turn.now)
        }
        try feed.publish(commit.changes)
        head.advance(to: ledger.lastSequence, with: commit.changes)
        report(batch, commit)
    }

    private func report(_ batch: LedgerBatch, _ commit: LedgerCommit) {
        if commit.deadLetters > 0 {
            logger.warning(
                "events refused; see the table dead_letter of the ledger", metadata: ["events": "\(commit.deadLetters)"]
            )
        }
    }
}
