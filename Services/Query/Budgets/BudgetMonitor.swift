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
                group.addTask { await deliver() }
            }
        }
    }

    // MARK: Looking

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

    // MARK: Telling

    private func deliver() async {
        while !Task.isCancelled {
            do {
                for notice in try book.store.due(at: now()) where !Task.isCancelled { try await send(notice) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("messages about budgets could not be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func send(_ notice: BudgetStore.Notice) async throws {
        let outcome = await sender.send(notice.text, to: notice.webhook)
        guard !Task.isCancelled else { return }
        var next: Timestamp?
        switch outcome {
        case .delivered: board.count(.delivered)
        case .refused(let reason):
            // The receiver understood and does not want it: sending it again would change nothing.
            board.count(.failed)
            logger.error("a webhook refused a message", metadata: ["reason": "\(reason)"])
        case .failed(let reason):
            guard notice.attempts + 1 < settings.maximumAttempts else {
                board.count(.failed)
                logger.error("a message was given up", metadata: ["reason": "\(reason)"])
                break
            }
            board.count(.retried)
            next = now().adding(retryPause(after: notice.attempts))
            logger.warning("a message could not be sent and will be again", metadata: ["reason": "\(reason)"])
        }
        try book.store.finish(notice, next: next)
    }

    private func retryPause(after attempts: Int) -> Duration {
        min(settings.longestRetry, settings.firstRetry * (1 << min(attempts, 20)))
    }
}

extension Timestamp {
    fileprivate func adding(_ duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(
            nanoseconds: nanoseconds + seconds * Self.nanosecondsPerSecond + attoseconds / 1_000_000_000)
    }
}
