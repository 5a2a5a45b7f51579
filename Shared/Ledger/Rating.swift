public import Metering

/// What pricing found for a call.
public struct Rating: Hashable, Sendable {
    /// How far the call could be priced.
    public var status: Status
    /// Why, when it is not simply priced: a stable name such as `unknown_model`.
    public var reason: String?
    /// The computed cost; `nil` unless priced or free.
    public var cost: Amount?
    /// The computed cost by token class, fees left out; classes that cost nothing are left out.
    public var costByClass: [TokenClass: Amount]
    /// Per-use fees, such as web searches, part of `cost`.
    public var fees: Amount?
    /// The price sheet's row that was used.
    public var row: String?
    /// The version of the price sheets.
    public var priceBookVersion: String?
    /// The canonical model the row is for.
    public var pricedModel: String?
    /// The name rule that found it.
    public var nameRule: String?
    /// Whether a whole-request tier might apply that an aggregate cannot show.
    public var isEstimated: Bool
    /// What had to be assumed, as stable names, such as `cache_write_lifetime_5m`.
    public var assumptions: [String]

    /// How often the call's revision was priced anew by an explicit job; 0 for the price it arrived with.
    public var repricing: Int64

    /// How far a call could be priced.
    public enum Status: String, CaseIterable, Hashable, Sendable {
        /// A dated rate was found for every class used.
        case priced
        /// The model costs nothing at its provider.
        case free
        /// No rate was found; the tokens count, the cost is unknown, never zero.
        case unpriced
        /// Only a reported cost is known; there are no tokens to price.
        case reportedOnly = "reported_only"
        /// The entry is not a model call, such as `<synthetic>`.
        case notACall = "not_a_call"
    }

    /// Makes a rating.
    public init(status: Status, reason: String? = nil, cost: Amount? = nil) {
        self.status = status
        self.reason = reason
        self.cost = cost
        self.costByClass = [:]
        self.isEstimated = false
        self.assumptions = []
        self.repricing = 0
    }
}
