import CoreMetrics
import Metrics

/// What operators see of the ledger's own work.
struct LedgerMetrics: Sendable {
    private let counters: [(DeliveryCounter, Counter)]
    private let changes = Counter(label: "ledger_changes")
    private let sequence = Gauge(label: "ledger_last_sequence")
    private let commits = CoreMetrics.Timer(label: "ledger_commit")

    /// Makes the metrics, starting from what was counted before the process began.
    init(stored: [String: Int64], lastSequence: Int64) {
        counters = DeliveryCounter.allCases.map { ($0, Counter(label: "ledger_\($0.rawValue)")) }
        for (counter, metric) in counters { metric.increment(by: stored[counter.rawValue] ?? 0) }
        changes.increment(by: lastSequence)
        sequence.record(lastSequence)
    }

    /// Adds what a commit counted.
    func record(_ batch: LedgerBatch, _ commit: LedgerCommit, lastSequence: Int64, seconds: Duration) {
        for (counter, metric) in counters {
            let count = counter.count(batch, commit)
            if count > 0 { metric.increment(by: count) }
        }
        if !commit.changes.isEmpty { changes.increment(by: commit.changes.count) }
        sequence.record(lastSequence)
        commits.record(duration: seconds)
    }
}
