import Metering
import Reporting
import Synchronization

/// What the last look at the budgets found, for `/metrics`, and what was counted about messages.
final class BudgetBoard: Sendable {
    /// How an attempt to send a message ended.
    enum Outcome: String, CaseIterable, Sendable {
        case delivered, retried, failed
    }

    private struct State {
        var statuses: [BudgetStatus] = []
        var known: Set<BudgetStore.Crossing> = []
        var counts: [Outcome: Int64] = [:]
    }

    private let state = Mutex(State())

    /// Shows what a look found; crossings of periods that are over need not be known any longer.
    func show(_ statuses: [BudgetStatus]) {
        let windows = Dictionary(
            statuses.map { ($0.budget.name, $0.window.start?.seconds ?? 0) }, uniquingKeysWith: { $1 })
        state.withLock { state in
            state.statuses = statuses
            state.known = state.known.filter { windows[$0.budget] == $0.window }
        }
    }

    /// Whether a crossing was not seen since this process began; the store knows those of before.
    func isNew(_ crossing: BudgetStore.Crossing) -> Bool {
        state.withLock { !$0.known.contains(crossing) }
    }

    /// Remembers a crossing.
    func remember(_ crossing: BudgetStore.Crossing) {
        state.withLock { _ = $0.known.insert(crossing) }
    }

    /// Forgets the crossings of a budget, which was changed or removed.
    func forget(_ budget: String) {
        state.withLock { state in
            state.known = state.known.filter { $0.budget != budget }
        }
    }

    /// Counts an attempt to send a message.
    func count(_ outcome: Outcome) {
        state.withLock { $0.counts[outcome, default: 0] += 1 }
    }

    /// The metrics as text.
    var exposition: String {
        let (statuses, counts) = state.withLock { ($0.statuses, $0.counts) }
        var text =
            "# HELP tollbook_budget_used_ratio The part of a budget that is used; of several that have it, the most.\n"
        text += "# TYPE tollbook_budget_used_ratio gauge\n"
        for status in statuses {
            text += "tollbook_budget_used_ratio{budget=\"\(status.budget.name)\"} "
            text += BudgetText.ratio(status.usedMillionths) + "\n"
        }
        text += "# HELP tollbook_budget_warning_ratio The part of a budget from which on it warns.\n"
        text += "# TYPE tollbook_budget_warning_ratio gauge\n"
        for status in statuses {
            text += "tollbook_budget_warning_ratio{budget=\"\(status.budget.name)\"} "
            text += BudgetText.ratio(Int128(status.budget.warningPercent) * 10_000) + "\n"
        }
        text += "# HELP tollbook_budget_notices_total Attempts to send word of a crossing, by their end.\n"
        text += "# TYPE tollbook_budget_notices_total counter\n"
        for outcome in Outcome.allCases {
            text += "tollbook_budget_notices_total{result=\"\(outcome.rawValue)\"} \(counts[outcome] ?? 0)\n"
        }
        return text
    }
}
