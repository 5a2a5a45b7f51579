import Metering

/// The prices of one name under one selector over all time: what pricing looks up for a call, made once for each name.
struct PriceLine: Sendable {
    /// Stretches of time without a gap, from the first to the last.
    private let stretches: [Stretch]

    struct Stretch: Sendable {
        /// The instant from which it does not hold.
        let end: Timestamp
        let outcome: Outcome
    }

    enum Outcome: Sendable {
        case priced([PricedRow])
        case unpriced(UnpricedReason)
        case notACall
    }

    init(stretches: [Stretch]) {
        self.stretches = stretches
    }

    init(always outcome: Outcome) {
        stretches = [Stretch(end: .distantFuture, outcome: outcome)]
    }

    func outcome(at instant: Timestamp) -> Outcome {
        for stretch in stretches where instant < stretch.end { return stretch.outcome }
        return stretches.last?.outcome ?? .unpriced(.unknownModel)
    }
}

/// A row as it applies to one name and selector: rates with the premium for the region, and what had to be assumed.
///
/// A reference, because every quote carries one and a copy of the strings and tiers would cost more than the pricing.
final class PricedRow: Sendable {
    let id: String
    let model: String
    let nameRule: String
    let window: PriceWindow?
    let rates: Rates
    let tiers: [ContextTier]
    /// The premium that could not be put into whole picodollars per token; one where it could.
    let factor: Factor
    let webSearchFee: Amount?
    let assumptions: [String]
    let isFree: Bool

    init(_ row: PriceRow, nameRule: String, factor: Factor, assumptions: [String]) {
        id = row.id
        model = row.model
        self.nameRule = nameRule
        window = row.window
        webSearchFee = row.webSearchFee
        self.assumptions = assumptions
        isFree = row.rates.isZero && row.tiers.allSatisfy(\.rates.isZero)
        let scaledTiers = row.tiers.compactMap { tier in
            tier.rates.scaled(by: factor).map { ContextTier(minimumInput: tier.minimumInput, rates: $0) }
        }
        if let scaled = row.rates.scaled(by: factor), scaledTiers.count == row.tiers.count {
            rates = scaled
            tiers = scaledTiers
            self.factor = .one
        } else {
            rates = row.rates
            tiers = row.tiers
            self.factor = factor
        }
    }
}

/// Why a call has no price.
public enum UnpricedReason: String, CaseIterable, Hashable, Sendable {
    /// No model was reported.
    case missingModel = "missing_model"
    /// No sheet lists the model under this name.
    case unknownModel = "unknown_model"
    /// No sheet is for the provider.
    case unknownProvider = "unknown_provider"
    /// Several providers make a model of this name, and the call names none.
    case ambiguousModel = "ambiguous_model"
    /// The model is listed, but not at the call's time.
    case notListedThen = "not_listed_at_time"
    /// The name picks a price (such as `-fast`) that the model does not have.
    case selectorNotListed = "selector_not_listed"
    /// The call reports no usage.
    case noUsage = "no_usage"
    /// A count is below zero.
    case negativeCount = "negative_count"
    /// The cost passes what an amount can hold.
    case overflow = "cost_overflow"
}
