import Synchronization

/// Which quarter hours' sums changed since the process began, and by which change at the latest.
///
/// The writer notes them before it commits, so a reader that sees a change finds its quarter hour noted.
final class TouchedQuarters: Sendable {
    private struct State {
        var last: Int64 = 0
        var quarters: [Int64: Int64] = [:]
    }

    private let state = Mutex(State())

    /// Notes quarter hours that changes up to a number touch.
    func note(_ quarters: Set<Int64>, at sequence: Int64) {
        state.withLock { state in
            state.last = max(state.last, sequence)
            for quarter in quarters { state.quarters[quarter] = sequence }
        }
    }

    /// The quarter hours that changes after a number touched.
    func quarters(after sequence: Int64) -> [Int64] {
        state.withLock { state in
            guard state.last > sequence else { return [] }
            return state.quarters.compactMap { $0.value > sequence ? $0.key : nil }
        }
    }
}
