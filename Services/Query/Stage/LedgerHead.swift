import Synchronization

/// The number of the last change, for readers that wait for the next one.
final class LedgerHead: Sendable {
    private struct State {
        var sequence: Int64 = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// The number of the last change.
    var sequence: Int64 { state.withLock { $0.sequence } }

    /// Says that changes up to a number are durable, and wakes whoever waits.
    func advance(to sequence: Int64) {
        let waiters = state.withLock { state in
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
