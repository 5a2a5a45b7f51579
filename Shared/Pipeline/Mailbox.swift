import Synchronization

/// A bounded queue from any thread or task into a stage.
///
/// The stage takes all that waits once a turn: group commit comes of that by itself.
public final class Mailbox<Element: Sendable>: Sendable {
    private let capacity: Int
    private let signal: StageSignal
    private let waiting = Mutex<[Element]>([])

    /// Makes a mailbox for the stage with this signal.
    ///
    /// - Parameter capacity: how many elements may wait before ``offer(_:)`` answers false.
    public init(capacity: Int, for signal: StageSignal) {
        precondition(capacity > 0, "a mailbox without room takes nothing")
        self.capacity = capacity
        self.signal = signal
    }

    /// Leaves an element for the stage and wakes it.
    ///
    /// - Returns: false where the mailbox is full: say no to whoever asked, do not wait.
    public func offer(_ element: Element) -> Bool {
        let isTaken = waiting.withLock { waiting in
            guard waiting.count < capacity else { return false }
            waiting.append(element)
            return true
        }
        if isTaken { signal.raise() }
        return isTaken
    }

    /// How many elements wait.
    public var count: Int { waiting.withLock { $0.count } }

    /// Takes everything that waits, oldest first.
    public func takeAll() -> [Element] {
        waiting.withLock { waiting in
            let taken = waiting
            waiting = []
            return taken
        }
    }
}
