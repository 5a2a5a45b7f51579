/// Calls whose changes belong together: all of them become visible at once, or none.
public struct CallTransaction: Hashable, Sendable {
    /// The calls, in the order in which they were decided.
    public var calls: [Call]

    /// Makes a transaction.
    public init(calls: [Call]) {
        self.calls = calls
    }
}
