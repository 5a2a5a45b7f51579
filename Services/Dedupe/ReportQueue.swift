import DequeModule
import Metering
import Pipeline

/// Which scopes consumers are to be told of anew, oldest change first.
///
/// A scope waits for a while after its first change and is reported once, whatever happens to it meanwhile: reports cost
/// something, and nobody needs one for every call. What does not fit in memory is found in the store again.
struct ReportQueue {
    /// The most scopes kept in memory.
    static let capacity = 65_536

    private struct Entry {
        let scope: Scope
        let due: MonotonicInstant
    }

    private let delay: Duration
    private var entries: Deque<Entry> = []
    private var waiting: Set<Scope> = []
    /// Whether the store may know of more; so it is at the start.
    private var isIncomplete = true

    init(delay: Duration) {
        self.delay = delay
    }

    /// How many scopes wait in memory.
    var count: Int { entries.count }

    /// When the next report is due.
    var deadline: MonotonicInstant? { entries.first?.due }

    /// Whether the store should be asked for scopes that are not here.
    var isHungry: Bool { isIncomplete && entries.isEmpty }

    /// Notes scopes whose reconciliation changed.
    mutating func add(_ scopes: [Scope], at now: MonotonicInstant) {
        for scope in scopes {
            guard waiting.count < Self.capacity else {
                isIncomplete = true
                return
            }
            if waiting.insert(scope).inserted { entries.append(Entry(scope: scope, due: now + delay)) }
        }
    }

    /// Notes scopes that the store found.
    ///
    /// - Parameter isAll: whether there are no others.
    mutating func refill(_ scopes: [Scope], isAll: Bool, at now: MonotonicInstant) {
        isIncomplete = !isAll
        for scope in scopes where waiting.insert(scope).inserted { entries.append(Entry(scope: scope, due: now)) }
    }

    /// Takes out scopes whose wait is over.
    mutating func due(at now: MonotonicInstant, limit: Int) -> [Scope] {
        var due: [Scope] = []
        while due.count < limit, let first = entries.first, first.due <= now {
            entries.removeFirst()
            waiting.remove(first.scope)
            due.append(first.scope)
        }
        return due
    }
}
