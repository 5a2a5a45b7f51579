import Synchronization

/// The number of the last change, for readers that wait for the next one.
final class LedgerHead: Sendable {
    private struct State {
        var sequence: Int64 = 0
        var recent = RecentChanges()
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())
    private let view: TenantView

    /// Makes a head whose changes are shown to those who may see them.
    init(view: TenantView = TenantView(isGuarded: false)) {
        self.view = view
    }

    /// The number of the last change.
    var sequence: Int64 { state.withLock { $0.sequence } }

    /// The newest changes after a number; `nil` where the ledger must be asked for them.
    func changes(after sequence: Int64, limit: Int) -> [[UInt8]]? {
        state.withLock { state in
            if state.sequence > 0, sequence >= state.sequence { return [] }
            return state.recent.changes(after: sequence, limit: limit)
        }
    }

    /// Says that changes up to a number are durable, and wakes whoever waits.
    ///
    /// - Parameter changes: the changes that are new.
    func advance(to sequence: Int64, with changes: [PublishedChange] = []) {
        let waiters = state.withLock { state in
            state.recent.append(changes)
            guard sequence > state.sequence else { return [CheckedContinuation<Void, Never>]() }
            state.sequence = sequence
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once there is a change past a number, after a time, or when the task is cancelled.
    func wait(past sequence: Int64, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.advanced(past: sequence) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func advanced(past sequence: Int64) async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let mustWait = state.withLock { state in
                    // Cancellation shows in the task before its handler takes the lock, so none is missed.
                    guard state.sequence <= sequence, !Task.isCancelled else { return false }
                    state.waiters[number] = waiter
                    return true
                }
                if !mustWait { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
