import Logging
import Pipeline
import Telemetry

/// Makes events durable, tells whoever waits for them, and sends them to dedupe until it has them.
///
/// All that queued while the disk was busy is one commit: the slower the disk, the larger the group.
struct IngestStage: Stage, ~Copyable {
    /// Places, sockets and limits.
    struct Settings: Sendable {
        /// The folder of the spools, shared with other replicas.
        var folder: String
        /// Where events go and watermarks come from.
        var outlet: Outlet.Settings
        /// The limits of a spool.
        var limits = Spool.Limits()
        /// The file system.
        var disk: any Disk = PosixDisk()
        /// How often to look for spools whose process is gone.
        var adoptionInterval = SpoolRoot.adoptionInterval
        /// How long dedupe may acknowledge nothing before operators are told.
        var downstreamPatience = Duration.seconds(5)

        init(folder: String, outlet: Outlet.Settings) {
            self.folder = folder
            self.outlet = outlet
        }
    }

    private let settings: Settings
    private let submissions: Submissions
    private let spool: Spool
    private var outlet: Outlet
    private var adopted: AdoptedSpools
    private var nextAdoption: MonotonicInstant
    private var report: StageReport
    private let metrics: IngestMetrics
    /// Bytes of the largest request that found no room; nil while there is room.
    private var refusedBytes: Int64?

    /// Makes a spool of its own, takes over orphaned ones, and opens the way for submissions.
    init(
        _ settings: Settings, submissions: Submissions, metrics: IngestMetrics, health: HealthState, logger: Logger,
        in environment: StageEnvironment
    ) throws {
        let root = try SpoolRoot(settings.folder, limits: settings.limits, disk: settings.disk)
        let spool = try root.makeSpool()
        var outlet = try Outlet(settings.outlet, in: environment)
        var adopted = AdoptedSpools(root: root, metrics: metrics, logger: logger)
        try outlet.attach(spool)
        for orphan in try adopted.look() { try outlet.attach(orphan) }
        let now = environment.clock.now
        self.settings = settings
        self.submissions = submissions
        self.spool = spool
        self.outlet = outlet
        self.adopted = adopted
        self.metrics = metrics
        nextAdoption = now + settings.adoptionInterval
        report = StageReport(health: health, logger: logger, patience: settings.downstreamPatience, now: now)
        submissions.open()
        report.isOpen()
    }

    deinit {
        // Nobody may wait for a stage that is gone.
        submissions.close(.draining)
        for submission in submissions.takeAll() { submission.refuse(.draining) }
    }

    borrowing func register(in interests: inout Interests) {
        outlet.register(in: &interests)
    }

    mutating func turn(_ turn: Turn) throws -> NextTurn {
        if turn.isDraining {
            submissions.close(.draining)
            report.isDraining()
        }
        try store(submissions.takeAll(), clock: turn.clock)
        if !turn.isDraining, turn.now >= nextAdoption { try adoptOrphans(at: turn.now) }
        let progress = try outlet.pump(at: turn.now)
        for stream in adopted.removeDrained() { try outlet.detach(stream) }
        try lookForRoom()
        report.downstream(isDrained: outlet.isDrained, progress, at: turn.now)
        metrics.turned(
            progress, outstanding: outlet.outstanding, spoolBytes: spool.byteCount + adopted.byteCount,
            adopted: adopted.spools.count)
        if turn.isDraining, outlet.isDrained {
            try spool.close()
            return .finished
        }
        return .byEarliest(outlet.deadline, nextAdoption)
    }

    private mutating func adoptOrphans(at now: MonotonicInstant) throws {
        nextAdoption = now + settings.adoptionInterval
        for orphan in try adopted.look() { try outlet.attach(orphan) }
    }

    /// Commits what waits, and answers whoever waits for it: each gets all its events in or none.
    private mutating func store(_ waiting: [Submissions.Submission], clock: MonotonicClock) throws {
        guard !waiting.isEmpty else { return }
        var refusals = [Unavailability?](repeating: nil, count: waiting.count)
        var failure: SpoolError?
        for (index, submission) in waiting.enumerated() {
            do throws(SpoolError) {
                try spool.append(submission.events)
            } catch {
                refusals[index] = refuse(submission, error)
                if !error.isTransient { failure = error }
            }
        }
        if failure == nil {
            let (start, count) = (clock.now, spool.pendingCount)
            do throws(SpoolError) {
                try spool.synchronize()
                if count > 0 { metrics.committed(count, in: clock.now - start) }
            } catch {
                for index in refusals.indices where refusals[index] == nil {
                    refusals[index] = refuse(waiting[index], error)
                }
                if !error.isTransient { failure = error }
            }
        }
        if failure != nil { submissions.close(.diskFailed) }
        for (submission, refusal) in zip(waiting, refusals) {
            if let refusal = failure == nil ? refusal : .diskFailed {
                submission.refuse(refusal)
            } else {
                submission.confirm()
            }
        }
        if let failure { throw failure }
    }

    private mutating func refuse(_ submission: Submissions.Submission, _ error: SpoolError) -> Unavailability {
        guard error.isTransient else { return .diskFailed }
        let bytes = submission.events.reduce(0) { $0 + Int64($1.count) }
        refusedBytes = max(refusedBytes ?? 0, bytes)
        report.hasNoRoom(error)
        if case .full = error { return .spoolFull }
        return .diskFull
    }

    /// Sees whether what was refused would find room by now, so that a full service becomes ready again without traffic.
    private mutating func lookForRoom() throws {
        guard let refusedBytes else { return }
        let available = try settings.disk.availableBytes(at: settings.folder)
        guard spool.byteCount + refusedBytes <= settings.limits.maximumBytes,
            available - refusedBytes >= settings.limits.reservedBytes
        else { return }
        self.refusedBytes = nil
        report.hasRoom()
    }
}
