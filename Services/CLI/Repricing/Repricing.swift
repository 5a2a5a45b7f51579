public import Ledger
public import Metering
public import Rating

/// Prices charges of the ledger anew and says what that changes, model by model.
public struct Repricing: Sendable {
    /// What repricing changes for one model.
    public struct Figures: Hashable, Sendable {
        /// Charges looked at.
        public var charges: Int64 = 0
        /// Charges whose price is another now.
        public var changed: Int64 = 0
        /// Of those, charges that had no price and have one now.
        public var newlyPriced: Int64 = 0
        /// Of those, charges that had a price and have none now.
        public var newlyUnpriced: Int64 = 0
        /// The computed cost as it stands.
        public var before = AmountTotal.zero
        /// The computed cost as it would be.
        public var after = AmountTotal.zero

        static func += (left: inout Figures, right: Figures) {
            left.charges += right.charges
            left.changed += right.changed
            left.newlyPriced += right.newlyPriced
            left.newlyUnpriced += right.newlyUnpriced
            left.before += right.before
            left.after += right.after
        }
    }

    /// The figures by model; `nil` where none was named.
    public private(set) var models: [String?: Figures] = [:]
    private var rater: Rater

    /// Starts with nothing repriced.
    public init(book: PriceBook) {
        rater = Rater(book: book)
    }

    /// The version of the prices that are used.
    public var priceBookVersion: String { rater.book.version }

    /// The sum of all models.
    public var totals: Figures {
        models.values.reduce(into: Figures()) { $0 += $1 }
    }

    /// Prices a charge anew.
    ///
    /// - Returns: the rating that is to take the place of the one it has; `nil` where both say the same.
    public mutating func rating(for charge: Charge) -> Ledger.Rating? {
        // A canary counts in no total, so that no price of it changes one.
        guard !charge.call.isRetracted, charge.call.scope.harness != .canary else { return nil }
        let (old, new) = (charge.rating, rater.rate(charge.call))
        var figures = Figures()
        figures.charges = 1
        if let cost = old.cost { figures.before += cost }
        if let cost = new.cost { figures.after += cost }
        let isChanged = !new.says(thatOf: old)
        if isChanged {
            figures.changed = 1
            if old.cost == nil, new.cost != nil { figures.newlyPriced = 1 }
            if old.cost != nil, new.cost == nil { figures.newlyUnpriced = 1 }
        }
        models[charge.call.model, default: Figures()] += figures
        return isChanged ? new : nil
    }
}

extension Ledger.Rating {
    /// Whether two ratings say the same of what a call costs; which sheet and row said so does not matter.
    fileprivate func says(thatOf other: Ledger.Rating) -> Bool {
        status == other.status && reason == other.reason && cost == other.cost && costByClass == other.costByClass
            && fees == other.fees && isEstimated == other.isEstimated
    }
}
