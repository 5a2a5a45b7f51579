public import Metering

/// What is remembered of a scope as a whole.
public struct ScopeRecord: Hashable, Sendable {
    /// The scope.
    public let scope: Scope
    /// Rule `field-ownership`: the fields that a call-level observation of this very scope reported, other than zero.
    public internal(set) var owned: FieldSet
    /// Whether aggregates of the scope wait to be published.
    public internal(set) var isUnsettled: Bool
    /// How many of the scope's aggregates consumers count now.
    public internal(set) var publishedAggregates: Int64
    /// Sums over the calls of the scope.
    public internal(set) var books: ScopeBooks

    /// Starts an empty record.
    public init(scope: Scope) {
        self.init(scope: scope, owned: [], isUnsettled: false, publishedAggregates: 0, books: ScopeBooks())
    }

    /// Continues a record that was stored.
    public init(
        scope: Scope, owned: FieldSet, isUnsettled: Bool, publishedAggregates: Int64, books: ScopeBooks
    ) {
        self.scope = scope
        self.owned = owned
        self.isUnsettled = isUnsettled
        self.publishedAggregates = publishedAggregates
        self.books = books
    }
}
