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
    /// The families of counters that report its fields.
    public internal(set) var families: AggregateFamilies

    /// Whether its reconciliation may have changed since consumers were told of it.
    public internal(set) var isUnreported: Bool
    /// What consumers were told of its reconciliation last.
    public internal(set) var reported: Reported

    /// A reconciliation that consumers know.
    public struct Reported: Hashable, Sendable {
        /// Its revision; 0 before the first.
        public var revision: Int64
        /// A fingerprint of it.
        public var content: ContentID?

        /// Makes a mark.
        public init(revision: Int64 = 0, content: ContentID? = nil) {
            self.revision = revision
            self.content = content
        }
    }

    /// Starts an empty record.
    public init(scope: Scope) {
        self.init(
            scope: scope, owned: [], isUnsettled: false, publishedAggregates: 0, books: ScopeBooks(),
            families: AggregateFamilies(), isUnreported: false, reported: Reported())
    }

    /// Continues a record that was stored.
    public init(
        scope: Scope, owned: FieldSet, isUnsettled: Bool, publishedAggregates: Int64, books: ScopeBooks,
        families: AggregateFamilies, isUnreported: Bool, reported: Reported
    ) {
        self.scope = scope
        self.owned = owned
        self.isUnsettled = isUnsettled
        self.publishedAggregates = publishedAggregates
        self.books = books
        self.families = families
        self.isUnreported = isUnreported
        self.reported = reported
    }
}
