import Logging
import Metering
import Pipeline
import Reconciliation

/// The thread of dedupe: receive what waits, count it, commit, acknowledge, hand calls on.
struct DedupeStage: Stage, ~Copyable {
    /// Endpoints and limits of the stage.
    struct Settings: Sendable {
        var inlet: Inlet.Settings
        var outlet: Outlet.Settings
        /// How long an aggregate waits for the calls it sums.
        var grace: Duration = .seconds(15)
        /// The most calls waiting for the ledger; at this many nothing more is taken in.
        var maximumBacklog: Int64 = 1_000_000
        /// How long after a change a scope's reconciliation is reported.
        var reportDelay: Duration = .seconds(15)
        /// What is done with what aggregates say beyond the calls.
        var policy = ResidualPolicy.authority
        /// Days after which a scope that nothing happened in is compacted; `nil` for never.
        var idleDays: Int64? = 45
        /// The most reconciliations reported in one commit.
        var maximumReported = 64
        /// The most scopes settled in one commit.
        var maximumSettled = 1024
    }

    private let settings: Settings
    private let store: DedupeStore
    private let metrics: DedupeMetrics
    private let logger: Logger
    private let wallClock: @Sendable () -> Timestamp
    private var grace: GraceTimer
    private var reports: ReportQueue
    private var compaction: CompactionSchedule
    private var inlet: Inlet
    private var outlet: Outlet

    /// Opens the sockets of a store.
    ///
    /// - Parameter wallClock: the time that gaps and dead letters are noted with.
    init(
        _ settings: Settings, store: DedupeStore, metrics: DedupeMetrics, logger: Logger,
        wallClock: @escaping @Sendable () -> Timestamp, in environment: StageEnvironment
    ) throws {
        var grace = GraceTimer(grace: settings.grace)
        for scope in try store.unsettledScopes() { grace.wait(for: scope, at: environment.clock.now) }
        let inlet = try Inlet(settings.inlet, in: environment)
        var outlet = try Outlet(settings.outlet, in: environment)
        try outlet.attach(store.outbox)
        self.settings = settings
        self.store = store
        self.metrics = metrics
        self.logger = logger
        self.wallClock = wallClock
        self.grace = grace
        reports = ReportQueue(delay: settings.reportDelay)
        compaction = CompactionSchedule(idleDays: settings.idleDays)
        self.inlet = inlet
        self.outlet = outlet
    }

    /// The links the stage is bound to, their ports filled in.
    var links: (observations: Link, watermarks: Link, calls: Link) {
        (inlet.batches, inlet.watermarks, outlet.batches)
    }

    private var isBlocked: Bool { store.outbox.count >= settings.maximumBacklog }

    func register(in interests: inout Interests) {
        if !isBlocked { inlet.register(in: &interests) }
        outlet.register(in: &interests)
    }

    mutating func turn(_ turn: Turn) throws -> NextTurn {
        let arrivals = turn.isDraining || isBlocked ? Arrivals() : try inlet.receive(clock: turn.clock)
        let due = grace.due(at: turn.now, limit: settings.maximumSettled)
        let unreported = turn.isDraining || isBlocked ? [] : try dueReports(at: turn.now)
        let isTidying = turn.isDraining && store.outbox.isTrimmable
        if !arrivals.isEmpty || !due.isEmpty || !unreported.isEmpty || isTidying {
            try commit(arrivals, settling: due, reporting: unreported, at: turn.now)
        }
        if arrivals.isEmpty, !turn.isDraining { try compact(at: turn.now) }
        let progress = try outlet.pump(at: turn.now)
        try inlet.rebroadcast(at: turn.now)
        metrics.record(progress, backlog: store.outbox.count, cached: store.cachedRecords, waiting: grace.count)
        if turn.isDraining, outlet.isDrained, !store.outbox.isTrimmable { return .finished }
        if arrivals.isMoreLikely || due.count == settings.maximumSettled || !unreported.isEmpty { return .immediately }
        return .byEarliest(
            inlet.deadline, outlet.deadline, grace.deadline, isBlocked ? nil : reports.deadline, compaction.deadline)
    }

    private mutating func compact(at now: MonotonicInstant) throws {
        let today = wallClock().seconds / 86_400
        guard let (day, position) = compaction.due(at: now, today: today) else { return }
        let last = try store.compact(restingSince: day, after: position, limit: CompactionSchedule.batch)
        compaction.advance(to: last, at: now, today: today)
    }

    /// The scopes to report now; what memory does not hold is looked up in the store.
    private mutating func dueReports(at now: MonotonicInstant) throws -> [Scope] {
        if reports.isHungry {
            let found = try store.unreportedScopes(limit: ReportQueue.capacity / 4)
            reports.refill(found, isAll: found.count < ReportQueue.capacity / 4, at: now)
        }
        return reports.due(at: now, limit: settings.maximumReported)
    }

    private mutating func commit(
        _ arrivals: Arrivals, settling due: [Scope], reporting unreported: [Scope], at now: MonotonicInstant
    ) throws {
        let before = store.tally
        var waiting: Set<Scope> = []
        var gaps: [(stream: StreamID, range: Range<SequenceNumber>)] = []
        var refusals: [String: Int64] = [:]
        let time = wallClock()
        try store.commit(at: time) { commit in
            for arrival in arrivals.batches { try commit.apply(arrival, at: time) }
            for frame in arrivals.rejected { try commit.refuse(frame, at: time) }
            for scope in due { try commit.settle(scope) }
            for scope in unreported { try commit.report(scope) }
            (waiting, gaps, refusals) = (commit.waiting, commit.gaps, commit.refusals)
        }
        for stream in Set(arrivals.batches.map(\.stream)) {
            try inlet.acknowledge(stream, through: store.watermark(of: stream), at: now)
        }
        for scope in waiting { grace.wait(for: scope, at: now) }
        reports.add(store.unreported, at: now)
        metrics.record(store.tally, since: before)
        report(gaps, refusals)
    }

    private func report(_ gaps: [(stream: StreamID, range: Range<SequenceNumber>)], _ refusals: [String: Int64]) {
        for gap in gaps {
            logger.error(
                "events were lost before they arrived; their sender no longer has them",
                metadata: [
                    "stream": "\(gap.stream)", "first": "\(gap.range.lowerBound)",
                    "last": "\(gap.range.upperBound - 1)",
                ])
        }
        for (reason, count) in refusals {
            logger.warning("input refused", metadata: ["reason": "\(reason)", "events": "\(count)"])
            metrics.refused(count, reason)
        }
    }
}
