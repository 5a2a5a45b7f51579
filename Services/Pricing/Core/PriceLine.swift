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
struct PricedRow: Sendable {
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
