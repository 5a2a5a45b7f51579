public import Ledger
public import Metering

/// What pricing found for one request, in a form that needs no allocation on the hot path.
public struct Quote: Sendable {
    /// How far the request could be priced.
    public var status: Ledger.Rating.Status
    /// Why it has no price.
    public var reason: UnpricedReason?
    /// The computed cost, fees included; zero unless priced or free.
    public var cost = Amount.zero
    /// The cost of each class, in picodollars.
    public var classCosts = PerClass()
    /// Per-use fees inside `cost`.
    public var fees = Amount.zero
    /// Whether a tier might apply that a sum over requests cannot show.
    public var isEstimated = false
    /// Whether a premium left a fraction of a picodollar, rounded half to even once.
    public var isRounded = false
    /// Whether a cache write of unstated lifetime was priced at the provider's default.
    public var hasAssumedLifetime = false
    var row: PricedRow?

    /// The row that was used.
    public var rowID: String? { row?.id }
    /// The canonical model.
    public var model: String? { row?.model }
    /// The steps from the reported name to the model.
    public var nameRule: String? { row?.nameRule }

    init(status: Ledger.Rating.Status, reason: UnpricedReason? = nil) {
        self.status = status
        self.reason = reason
    }

    /// This quote and one of another step of the same call from the same row; `nil` where the sum passes what an amount can
    /// hold.
    func adding(_ other: Quote) -> Quote? {
        var sum = self
        let (cost, overflow) = cost.picodollars.addingReportingOverflow(other.cost.picodollars)
        guard !overflow else { return nil }
        sum.cost = Amount(picodollars: cost)
        // Parts of a sum that fits fit as well.
        for tokenClass in TokenClass.disjointClasses { sum.classCosts[tokenClass] += other.classCosts[tokenClass] }
        sum.fees = Amount(picodollars: fees.picodollars + other.fees.picodollars)
        sum.isEstimated = isEstimated || other.isEstimated
        sum.isRounded = isRounded || other.isRounded
        sum.hasAssumedLifetime = hasAssumedLifetime || other.hasAssumedLifetime
        return sum
    }

    /// What had to be assumed, as stable names.
    public var assumptions: [String] {
        var assumptions = row?.assumptions ?? []
        if hasAssumedLifetime { assumptions.append("cache_write_lifetime_default") }
        if isRounded { assumptions.append("rounded_to_picodollar") }
        return assumptions
    }

    /// The quote as the ledger keeps it.
    public func rating(priceBookVersion: String) -> Ledger.Rating {
        var rating = Ledger.Rating(status: status, reason: reason?.rawValue)
        rating.priceBookVersion = priceBookVersion
        guard status == .priced || status == .free else { return rating }
        rating.cost = cost
        for tokenClass in TokenClass.disjointClasses where classCosts[tokenClass] != 0 {
            rating.costByClass[tokenClass] = Amount(picodollars: classCosts[tokenClass])
        }
        rating.fees = fees == .zero ? nil : fees
        rating.row = rowID
        rating.pricedModel = model
        rating.nameRule = nameRule
        rating.isEstimated = isEstimated
        rating.assumptions = assumptions
        return rating
    }
}
