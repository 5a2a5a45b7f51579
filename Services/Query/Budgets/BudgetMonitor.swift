import CoreMetrics
import Logging
import Metering
import Reporting
import ServiceLifecycle
import Synchronization

/// Looks at the budgets whenever the ledger has changed, remembers crossings, and sends word of them.
///
/// It reads what everybody can read and writes to a database of its own: whatever it waits for, the ledger does not wait
/// for it. A message is due from the moment its crossing is remembered until a receiver took it; should the process end
/// between the two, it is sent again.
struct BudgetMonitor: Service {
    /// Pauses and limits.
    struct Settings: Sendable {
        /// The shortest time between two looks.
        var pause = Duration.seconds(1)
        /// The longest time between two looks: periods end without a change of the ledger.
        var patience = Duration.seconds(15)
        /// The first pause before a message is sent again; it doubles.
        var firstRetry = Duration.seconds(1)
        /// The longest pause before a message is sent again.
        var longestRetry = Duration.seconds(600)
        /// How often a message is tried before it is given up, about a day.
        var maximumAttempts = 150
    }

    let book: BudgetBook
    let ledger: any LedgerReading
    let head: LedgerHead
    let sender: WebhookSender
    let board: BudgetBoard
    let now: @Sendable () -> Timestamp
    let logger: Logger
    var settings = Settings()

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await watch() }
                group.addTask { await delivery.run() }
            }
        }
    }

    private var delivery: NoticeDelivery {
        NoticeDelivery(
            store: book.store, sender: sender, board: board, now: now, logger: logger,
            firstRetry: settings.firstRetry, longestRetry: settings.longestRetry,
            maximumAttempts: settings.maximumAttempts)
    }

    private func watch() async {
        var seen: Int64 = -1
        while !Task.isCancelled {
            let sequence = head.sequence
            await look()
            seen = sequence
            try? await Task.sleep(for: settings.pause)
            if head.sequence <= seen { await head.wait(past: seen, atMost: settings.patience) }
        }
    }

    /// Looks once at every budget.
    func look() async {
        do throws(BudgetFileError) {
            try book.refresh()
        } catch {
            logger.error(
                "the budget file cannot be used; the budgets of before stay in force", metadata: ["error": "\(error)"])
        }
        var statuses: [BudgetStatus] = []
        for entry in book.entries where !Task.isCancelled {
            do {
                let status = try await book.status(entry.budget, at: now(), in: ledger)
                statuses.append(status)
                try record(status)
            } catch is CancellationError {
                return
            } catch {
                logger.error(
                    "a budget could not be checked",
                    metadata: ["budget": "\(entry.budget.name)", "error": "\(error)"])
            }
        }
        board.show(statuses)
    }

    private func record(_ status: BudgetStatus) throws {
        for entry in status.entries where entry.state != .ok {
            let crossing = BudgetStore.Crossing(
                budget: status.budget.name, fingerprint: status.budget.fingerprint, key: entry.key ?? "",
                window: status.window.start?.seconds ?? 0, state: entry.state)
            guard board.isNew(crossing) else { continue }
            let isNew = try book.store.record(
                crossing, webhooks: book.webhooks(of: status.budget), text: BudgetText.notice(status, entry), at: now())
            board.remember(crossing)
            guard isNew else { continue }
            logger.warning(
                "a budget crossed a line",
                metadata: [
                    "budget": "\(status.budget.name)", "state": "\(entry.state.rawValue)",
                    "used": "\(BudgetText.ratio(entry.usedMillionths))",
                ])
        }
    }
}
