/// Calls whose changes belong together: all of them become visible at once, or none.
public struct CallTransaction: Hashable, Sendable {
    /// The calls, in the order in which they were decided.
    public var calls: [Call]
    /// What became of everything that was said about some scopes, as of now.
    public var reconciliations: [ReconciliationRecord]

    /// Makes a transaction.
    public init(calls: [Call], reconciliations: [ReconciliationRecord] = []) {
        self.calls = calls
        self.reconciliations = reconciliations
    }
}
