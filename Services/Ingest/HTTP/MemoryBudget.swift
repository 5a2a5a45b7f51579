import Synchronization

/// The memory that the bodies of all requests at hand may fill together.
final class MemoryBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        precondition(limit > 0, "a budget of nothing takes nothing")
        self.limit = limit
    }

    /// Bytes reserved now.
    var usedBytes: Int { used.load(ordering: .relaxed) }

    fileprivate func take(_ count: Int) -> Bool {
        // Whoever goes over the limit gives back at once, so that it is never passed by what is kept.
        let (_, total) = used.wrappingAdd(count, ordering: .relaxed)
        guard total <= limit else {
            give(count)
            return false
        }
        return true
    }

    fileprivate func give(_ count: Int) {
        used.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// One request's share of the budget, given back when the request is done with.
struct MemoryReservation: ~Copyable, Sendable {
    private let budget: MemoryBudget
    private var count = 0

    init(in budget: MemoryBudget) {
        self.budget = budget
    }

    deinit {
        budget.give(count)
    }

    /// Gives back everything now, rather than when the optimizer finds that nobody asks for more.
    mutating func release() {
        budget.give(count)
        count = 0
    }

    /// Asks for more.
    ///
    /// - Throws: `Refusal.unavailable`: waiting for others to give back could wait for ever, so the client is to.
    mutating func grow(by added: Int) throws(Refusal) {
        guard budget.take(added) else { throw .unavailable(.memoryFull) }
        count += added
    }
}
