public import Ledger
public import Metering
public import Rating

/// What the calls of the ledger would have cost with another model: the same token counts at its prices.
public struct WhatIf: Sendable {
    /// The calls of one model.
    public struct Figures: Hashable, Sendable {
        /// Charges with tokens.
        public var charges: Int64 = 0
        /// What they cost by the sheets, those without a price left out.
        public var actual = AmountTotal.zero
        /// Charges without a price.
        public var unpriced: Int64 = 0
        /// What they would have cost, those that cannot be priced left out.
        public var other = AmountTotal.zero
        /// Charges that the other model has no price for at their time.
        public var otherUnpriced: Int64 = 0
        /// Sums of several calls, priced below tiers that could apply to one of them.
        public var otherEstimated: Int64 = 0

        static func += (left: inout Figures, right: Figures) {
            left.charges += right.charges
            left.actual += right.actual
            left.unpriced += right.unpriced
            left.other += right.other
            left.otherUnpriced += right.otherUnpriced
            left.otherEstimated += right.otherEstimated
        }
    }

    /// What the figures do not know, for people and programs alike.
    public static let assumption =
        "same tokens: another model counts, caches and answers differently; standard tier, speed and region"

    /// The figures by the model that was used; `nil` where none was named.
    public private(set) var models: [String?: Figures] = [:]
    private let model: String
    private let provider: String?
    private let instant: Timestamp?
    private var rater: Rater

    /// Starts with no calls.
    ///
    /// - Parameters:
    ///   - model: the model to price with, by any of its names.
    ///   - provider: who would bill it; `nil` to take the one its name tells.
    ///   - instant: when its prices are taken from; `nil` for each call's own time.
    public init(model: String, provider: String?, at instant: Timestamp?, book: PriceBook) {
        self.model = model
        self.provider = provider
        self.instant = instant
        rater = Rater(book: book)
    }

    /// Why the model has no price at all at an instant; `nil` where it has one.
    public mutating func refusal(at now: Timestamp) -> String? {
        let quote = rater.quote(
            RatingRequest(
                provider: provider, model: model, time: instant ?? now, tokens: TokenCounts(uncachedInput: 1)))
        guard quote.status != .priced, quote.status != .free else { return nil }
        return quote.reason?.rawValue ?? quote.status.rawValue
    }

    /// The sum of all models.
    public var totals: Figures {
        models.values.reduce(into: Figures()) { $0 += $1 }
    }

    /// Takes a charge in; what counts in no total, and what has no tokens, says nothing.
    public mutating func add(_ charge: Charge) {
        let call = charge.call
        guard charge.isCounted, call.tokens.hasUsage else { return }
        var request = RatingRequest(
            provider: provider, model: model, time: instant ?? call.eventTime, tokens: call.tokens)
        request.isAggregate = call.quality == .aggregate || call.quality == .estimated
        let quote = rater.quote(request)
        var figures = Figures()
        figures.charges = 1
        if let cost = charge.rating.cost { figures.actual += cost } else { figures.unpriced = 1 }
        if quote.status == .priced || quote.status == .free {
            figures.other += quote.cost
            if quote.isEstimated { figures.otherEstimated = 1 }
        } else {
            figures.otherUnpriced = 1
        }
        models[call.model, default: Figures()] += figures
    }
}
