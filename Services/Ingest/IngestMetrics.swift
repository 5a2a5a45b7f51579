import CoreMetrics
import Harnesses
import Metering
import Pipeline

/// What operators see of ingest.
struct IngestMetrics: Sendable {
    private let spoolBytes = Gauge(label: "ingest_spool_bytes")
    private let adoptedSpools = Gauge(label: "ingest_adopted_spools")
    private let outstanding = Gauge(label: "ingest_outstanding_events")
    private let resent = Counter(label: "ingest_resent_events")
    private let acknowledged = Counter(label: "ingest_acknowledged_events")
    private let unreadableWatermarks = Counter(label: "ingest_unreadable_watermarks")
    private let lost = Counter(label: "ingest_lost_events")
    private let unreadableSpools = Counter(label: "ingest_unreadable_spools")
    private let synchronization = Timer(label: "ingest_spool_synchronization")
    private let followedFiles = Gauge(label: "ingest_followed_files")
    private let waitingFiles = Gauge(label: "ingest_followed_files_waiting")
    private let rewrittenFiles = Gauge(label: "ingest_followed_files_rewritten")
    private let followedBytes = Counter(label: "ingest_followed_bytes")
    private let unreadableFiles = Counter(label: "ingest_followed_file_failures")
    private let groupSize = Recorder(label: "ingest_commit_events")

    /// Counts an answer.
    func answered(_ path: IngestPath, status: Int) {
        Counter(label: "ingest_http_requests", dimensions: [("signal", path.name), ("code", "\(status)")]).increment()
    }

    /// Counts the events of a request that became durable, and the records it was told are rejected.
    func stored(_ events: EncodedEvents, _ result: IntakeResult) {
        for (kind, count) in events.counts {
            let dimensions = [
                ("channel", kind.channel?.rawValue ?? "unknown"),
                ("kind", kind.isDeadLetter ? "dead_letter" : "observation"),
            ]
            Counter(label: "ingest_accepted_events", dimensions: dimensions).increment(by: count)
        }
        for (reason, count) in result.rejected {
            Counter(label: "ingest_rejected_records", dimensions: [("reason", reason.rawValue)]).increment(by: count)
        }
        for (reason, count) in result.corrected {
            Counter(label: "ingest_corrected_records", dimensions: [("reason", reason.rawValue)]).increment(by: count)
        }
        if result.ignored > 0 { Counter(label: "ingest_ignored_records").increment(by: result.ignored) }
    }

    /// Shows a commit of the spool.
    func committed(_ events: Int, in duration: Duration) {
        groupSize.record(events)
        synchronization.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    /// Shows where the stage stands after a turn.
    func turned(_ progress: Outlet.Progress, outstanding: Int64, spoolBytes: Int64, adopted: Int) {
        if progress.resent > 0 { resent.increment(by: progress.resent) }
        if progress.acknowledged > 0 { acknowledged.increment(by: progress.acknowledged) }
        if progress.unreadable > 0 { unreadableWatermarks.increment(by: progress.unreadable) }
        self.outstanding.record(outstanding)
        self.spoolBytes.record(spoolBytes)
        adoptedSpools.record(adopted)
    }

    /// Shows what was read of session files, and where following them stands.
    func followed(_ batch: FollowedBatch, files: Int, waiting: Int, rewritten: Int) {
        followedFiles.record(files)
        waitingFiles.record(waiting)
        rewrittenFiles.record(rewritten)
        if batch.bytes > 0 { followedBytes.increment(by: batch.bytes) }
        if batch.failures > 0 { unreadableFiles.increment(by: batch.failures) }
    }

    /// Counts events that an orphaned spool had lost.
    func recordsLost(_ count: Int64) {
        lost.increment(by: count)
    }

    /// Counts an orphaned spool that cannot be read.
    func spoolUnreadable() {
        unreadableSpools.increment()
    }
}
