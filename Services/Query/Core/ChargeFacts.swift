public import Ledger
public import Metering

/// What totals need to know of a charge.
public struct ChargeFacts: Hashable, Sendable {
    /// What it used.
    public var tokens: TokenCounts
    /// Its computed cost; `nil` where it has no price.
    public var computedCost: Amount?
    /// Its reported cost.
    public var reportedCost: Amount?
    /// The computed cost by what was paid for; fees are the rest.
    public var costParts: CostParts
    /// The reports behind it.
    public var evidence: EvidenceCounts
    /// How it counts.
    public var marks: Marks

    /// How a charge counts; the raw value is stored.
    public struct Marks: OptionSet, Hashable, Sendable {
        /// The stored bits.
        public let rawValue: Int64

        /// Takes stored bits.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

        /// It stands and is a model call or several; retracted charges and entries that are no calls count nothing.
        public static let counted = Marks(rawValue: 1)
        /// It is one call.
        public static let call = Marks(rawValue: 2)
        /// Its tokens have no price.
        public static let unpriced = Marks(rawValue: 4)
        /// Its figures or its price are inferred.
        public static let estimated = Marks(rawValue: 8)
        /// It is an aggregate with a reported cost, which stands for calls of its session.
        public static let carriesScopeCost = Marks(rawValue: 16)
    }

    /// Takes facts as they were stored.
    public init(
        tokens: TokenCounts, computedCost: Amount?, reportedCost: Amount?, costParts: CostParts = CostParts(),
        evidence: EvidenceCounts = EvidenceCounts(), marks: Marks
    ) {
        self.tokens = tokens
        self.computedCost = computedCost
        self.reportedCost = reportedCost
        self.costParts = costParts
        self.evidence = evidence
        self.marks = marks
    }

    /// Takes the facts of a charge.
    public init(_ charge: Charge) {
        let call = charge.call
        self.init(
            tokens: call.tokens, computedCost: charge.rating.cost, reportedCost: call.reportedCost,
            costParts: CostParts(charge.rating.costByClass), evidence: EvidenceCounts(call.evidence),
            isCounted: !call.isRetracted && call.scope.harness != .canary, quality: call.quality,
            status: charge.rating.status,
            isPriceEstimated: charge.rating.isEstimated)
    }

    /// Decides how a charge counts.
    ///
    /// - Parameter isCounted: whether it stands; a retracted charge does not, and a canary never does.
    init(
        tokens: TokenCounts, computedCost: Amount?, reportedCost: Amount?, costParts: CostParts,
        evidence: EvidenceCounts, isCounted: Bool, quality: Call.Quality, status: Rating.Status,
        isPriceEstimated: Bool
    ) {
        self.init(
            tokens: tokens, computedCost: computedCost, reportedCost: reportedCost, costParts: costParts,
            evidence: evidence, marks: [])
        guard isCounted, status != .notACall else { return }
        marks.insert(.counted)
        switch quality {
        case .exact, .merged, .unmetered: marks.insert(.call)
        case .aggregate: if reportedCost != nil { marks.insert(.carriesScopeCost) }
        case .estimated: marks.insert(.estimated)
        }
        if status == .unpriced, tokens.hasUsage { marks.insert(.unpriced) }
        if isPriceEstimated { marks.insert(.estimated) }
    }

    /// A charge that adds nothing.
    public static let nothing = ChargeFacts(
        tokens: TokenCounts(), computedCost: nil, reportedCost: nil, marks: [])

    /// The cost in `auto` mode.
    @inlinable
    public func autoCost(_ rule: ScopeCostRule) -> Amount {
        guard marks.contains(.counted) else { return .zero }
        switch rule {
        case .perCharge: return reportedCost ?? computedCost ?? .zero
        case .reportedAlone: return reportedCost ?? .zero
        }
    }

    /// What the charge adds to totals.
    public func usage(_ rule: ScopeCostRule) -> Usage {
        var usage = Usage()
        guard marks.contains(.counted) else { return usage }
        usage.charges = 1
        usage.calls = marks.contains(.call) ? 1 : 0
        usage.tokens = TokenSums(tokens)
        usage.computedCost = AmountTotal(picodollars: Int128(computedCost?.picodollars ?? 0))
        usage.reportedCost = AmountTotal(picodollars: Int128(reportedCost?.picodollars ?? 0))
        usage.autoCost = AmountTotal(picodollars: Int128(autoCost(rule).picodollars))
        usage.costParts = costParts
        usage.evidence = evidence
        let whole = Usage.Share(charges: 1, tokens: usage.tokens.total)
        if marks.contains(.unpriced) { usage.unpriced = whole }
        if marks.contains(.estimated) { usage.estimated = whole }
        if reportedCost == nil {
            usage.unreported = whole
            if marks.contains(.unpriced) { usage.costless = whole }
        }
        return usage
    }

    /// What replacing this charge by another adds to totals, as a change says it.
    public func delta(to new: ChargeFacts) -> Change.Delta {
        let (from, to) = (standing, new.standing)
        return Change.Delta(
            tokens: to.tokens - from.tokens,
            computedCost: Amount.difference(to.computedCost, from.computedCost),
            reportedCost: Amount.difference(to.reportedCost, from.reportedCost),
            calls: (new.marks.contains(.call) ? 1 : 0) - (marks.contains(.call) ? 1 : 0))
    }

    /// Counts beyond these are no usage of one hour by anyone; sums of them could pass Int64.
    static let maximumTokens: Int64 = 1_000_000_000_000

    /// Whether every figure lies where sums of many stay exact.
    public var isPlausible: Bool {
        for tokenClass in TokenClass.allCases {
            guard let count = tokens[tokenClass] else { continue }
            guard count >= 0, count <= Self.maximumTokens else { return false }
        }
        return true
    }

    private var standing: ChargeFacts { marks.contains(.counted) ? self : .nothing }
}

extension Amount {
    fileprivate static func difference(_ left: Amount?, _ right: Amount?) -> Amount {
        let difference = Int128(left?.picodollars ?? 0) - Int128(right?.picodollars ?? 0)
        return Amount(picodollars: Int64(clamping: difference))
    }
}
