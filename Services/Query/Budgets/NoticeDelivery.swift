import Logging
import Metering
import Synchronization

/// Sends the messages that are due, to each receiver by itself: one that hangs or is away holds up nobody else's, and none
/// holds up the end of the process.
struct NoticeDelivery: Sendable {
    let store: BudgetStore
    let sender: WebhookSender
    let board: BudgetBoard
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// The first pause before a message is sent again; it doubles.
    let firstRetry: Duration
    /// The longest pause before a message is sent again.
    let longestRetry: Duration
    /// How often a message is tried before it is given up.
    let maximumAttempts: Int

    /// Sends until the task is cancelled; what is under way then is broken off and stays due.
    func run() async {
        let busy = BusyReceivers()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    for webhook in try store.receivers(dueAt: now()) where busy.begin(webhook) {
                        group.addTask {
                            await deliver(to: webhook)
                            busy.end(webhook)
                        }
                    }
                } catch {
                    logger.error("messages about budgets could not be read", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    /// Sends what is due for one receiver, oldest first, until nothing is or it does not take one.
    private func deliver(to webhook: String) async {
        do {
            while !Task.isCancelled, let notice = try store.due(at: now(), for: webhook) {
                guard try await send(notice) else { return }
            }
        } catch {
            logger.error("a message about a budget could not be noted", metadata: ["error": "\(error)"])
        }
    }

    /// Sends one message and notes how that ended.
    ///
    /// - Returns: whether the receiver answered, so that the next message may be tried at once.
    private func send(_ notice: BudgetStore.Notice) async throws -> Bool {
        let outcome = await sender.send(notice.text, to: notice.webhook)
        // Broken off by the end of the process: it is as due as it was.
        if case .failed = outcome, Task.isCancelled { return false }
        switch outcome {
        case .delivered:
            board.count(.delivered)
            try store.finish(notice, next: nil)
            return true
        case .refused(let reason):
            // The receiver understood and does not want it: sending it again would change nothing.
            board.count(.failed)
            logger.error("a webhook refused a message", metadata: ["reason": "\(reason)"])
            try store.finish(notice, next: nil)
            return true
        case .failed(let reason):
            try retry(notice, after: reason)
            return false
        }
    }

    private func retry(_ notice: BudgetStore.Notice, after reason: String) throws {
        guard notice.attempts + 1 < maximumAttempts else {
            board.count(.failed)
            logger.error("a message was given up", metadata: ["reason": "\(reason)"])
            return try store.finish(notice, next: nil)
        }
        board.count(.retried)
        logger.warning("a message could not be sent and will be again", metadata: ["reason": "\(reason)"])
        let pause = min(longestRetry, firstRetry * (1 << min(notice.attempts, 20)))
        try store.finish(notice, next: now().advanced(by: pause))
    }
}

/// The receivers that a message is under way to.
private final class BusyReceivers: Sendable {
    private let webhooks = Mutex<Set<String>>([])

    /// Whether none was under way.
    func begin(_ webhook: String) -> Bool { webhooks.withLock { $0.insert(webhook).inserted } }

    func end(_ webhook: String) { webhooks.withLock { _ = $0.remove(webhook) } }
}
