import CoreMetrics
import Pipeline

/// What operators see of dedupe.
struct DedupeMetrics: Sendable {
    private let counters: [Counter]
    private let resent = Counter(label: "dedupe_resent_calls")
    private let backlog = Gauge(label: "dedupe_outbox_events")
    private let cached = Gauge(label: "dedupe_cached_records")
    private let waiting = Gauge(label: "dedupe_unsettled_scopes")
    private let imbalance = Gauge(label: "dedupe_conservation_error")

    /// Makes the metrics, starting from what was counted before the process began.
    init(_ tally: Tally = Tally()) {
        counters = Tally.Counter.allCases.map { Counter(label: "dedupe_\($0.rawValue)") }
        record(tally, since: Tally())
    }

    /// Adds what a commit counted.
    func record(_ tally: Tally, since before: Tally) {
        for (metric, counter) in zip(counters, Tally.Counter.allCases) {
            let added = tally[counter] - before[counter]
            if added > 0 { metric.increment(by: added) }
        }
        imbalance.record(tally.imbalance)
    }

    /// Shows where the stage stands after a turn.
    func record(_ progress: Outlet.Progress, backlog: Int64, cached: Int, waiting: Int) {
        if progress.resent > 0 { resent.increment(by: progress.resent) }
        self.backlog.record(backlog)
        self.cached.record(cached)
        self.waiting.record(waiting)
    }

    /// Counts input that dedupe itself refused.
    func refused(_ count: Int64, _ reason: String) {
        Counter(label: "dedupe_refused", dimensions: [("reason", reason)]).increment(by: count)
    }
}
