public import Metering

/// Sums over charges: what every row and every total of a report consists of.
///
/// Sums take part in exact subtraction: adding a charge and taking it away leaves nothing.
public struct Usage: Hashable, Sendable {
    /// Single calls; an aggregate adds tokens and cost, not calls, for nobody knows how many it stands for.
    public var calls: Int64 = 0
    /// Standing charges: calls and aggregates.
    public var charges: Int64 = 0
    /// Tokens by class.
    public var tokens = TokenSums()
    /// What the price sheets say.
    public var computedCost = AmountTotal.zero
    /// What the sources reported.
    public var reportedCost = AmountTotal.zero
    /// Reported where known, else computed, as ``CostMode/auto`` says.
    public var autoCost = AmountTotal.zero
    /// The computed cost by what was paid for; fees are the rest of it.
    public var costParts = CostParts()
    /// The reports behind the charges.
    public var evidence = EvidenceCounts()
    /// Charges that have tokens but no price.
    public var unpriced = Share()
    /// Charges of which no source reported a cost.
    public var unreported = Share()
    /// Charges of which no cost is known at all, neither reported nor computed.
    public var costless = Share()
    /// Charges whose figures or price are inferred.
    public var estimated = Share()

    /// A part of the charges.
    public struct Share: Hashable, Sendable {
        /// How many charges.
        public var charges: Int64 = 0
        /// Their tokens, input and output.
        public var tokens: Int64 = 0

        /// Makes a share.
        @inlinable
        public init(charges: Int64 = 0, tokens: Int64 = 0) {
            self.charges = charges
            self.tokens = tokens
        }

        @inlinable
        static func += (left: inout Share, right: Share) {
            left.charges += right.charges
            left.tokens += right.tokens
        }

        @inlinable
        static func -= (left: inout Share, right: Share) {
            left.charges -= right.charges
            left.tokens -= right.tokens
        }
    }

    /// Makes sums of nothing.
    @inlinable
    public init() {}

    /// Whether every sum is zero.
    public var isZero: Bool { self == Usage() }

    /// The cost in one mode.
    public func cost(_ mode: CostMode) -> AmountTotal {
        switch mode {
        case .auto: autoCost
        case .reported: reportedCost
        case .computed: computedCost
        }
    }

    /// Per-use fees, such as web searches: what of the computed cost is no token's.
    public var fees: AmountTotal { AmountTotal(picodollars: computedCost.picodollars - costParts.total) }

    /// The charges that the cost in one mode leaves out because theirs is not known.
    public func withoutCost(_ mode: CostMode) -> Share {
        switch mode {
        case .auto: costless
        case .reported: unreported
        case .computed: unpriced
        }
    }

    /// Adds other sums.
    @inlinable
    public static func += (left: inout Usage, right: Usage) {
        left.calls += right.calls
        left.charges += right.charges
        left.tokens += right.tokens
        left.computedCost.picodollars += right.computedCost.picodollars
        left.reportedCost.picodollars += right.reportedCost.picodollars
        left.autoCost.picodollars += right.autoCost.picodollars
        left.costParts += right.costParts
        left.evidence += right.evidence
        left.unpriced += right.unpriced
        left.unreported += right.unreported
        left.costless += right.costless
        left.estimated += right.estimated
    }

    /// Takes other sums away.
    @inlinable
    public static func -= (left: inout Usage, right: Usage) {
        left.calls -= right.calls
        left.charges -= right.charges
        left.tokens -= right.tokens
        left.computedCost.picodollars -= right.computedCost.picodollars
        left.reportedCost.picodollars -= right.reportedCost.picodollars
        left.autoCost.picodollars -= right.autoCost.picodollars
        left.costParts -= right.costParts
        left.evidence -= right.evidence
        left.unpriced -= right.unpriced
        left.unreported -= right.unreported
        left.costless -= right.costless
        left.estimated -= right.estimated
    }
}
