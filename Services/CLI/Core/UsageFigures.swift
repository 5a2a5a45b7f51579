public import Metering

/// Tokens and money of some charges, as a report shows them.
public struct UsageFigures: Hashable, Sendable {
    /// Input neither read from nor written to a cache.
    public var inputTokens: Int64 = 0
    /// Output, reasoning included.
    public var outputTokens: Int64 = 0
    /// Input written to a cache, whatever its lifetime.
    public var cacheCreationTokens: Int64 = 0
    /// Input read from a cache.
    public var cacheReadTokens: Int64 = 0
    /// Reasoning, a part of the output.
    public var reasoningTokens: Int64 = 0
    /// The cost of what could be priced.
    public var cost = AmountTotal.zero
    /// How many single calls; sums of which no single call is known add none.
    public var calls: Int64 = 0
    /// How many charges the figures are of: single calls, and sums of which no single call is known.
    public var charges: Int64 = 0
    /// How many of them have no known cost; their tokens are counted, `cost` leaves them out.
    public var chargesWithoutCost: Int64 = 0

    /// Makes figures of nothing.
    public init() {}

    /// All input and output.
    public var totalTokens: Int64 { inputTokens + outputTokens + cacheCreationTokens + cacheReadTokens }

    /// How much of the cost is known.
    public enum Pricing: Hashable, Sendable {
        /// All of it.
        case complete
        /// A part: `cost` is a lower bound.
        case partial
        /// None.
        case unknown
    }

    /// How much of the cost is known.
    public var pricing: Pricing {
        if chargesWithoutCost == 0 { return .complete }
        return chargesWithoutCost >= charges && cost == .zero ? .unknown : .partial
    }

    /// Adds other figures.
    public static func += (left: inout UsageFigures, right: UsageFigures) {
        left.inputTokens = left.inputTokens.addingClamped(right.inputTokens)
        left.outputTokens = left.outputTokens.addingClamped(right.outputTokens)
        left.cacheCreationTokens = left.cacheCreationTokens.addingClamped(right.cacheCreationTokens)
        left.cacheReadTokens = left.cacheReadTokens.addingClamped(right.cacheReadTokens)
        left.reasoningTokens = left.reasoningTokens.addingClamped(right.reasoningTokens)
        left.calls = left.calls.addingClamped(right.calls)
        left.cost += right.cost
        left.charges = left.charges.addingClamped(right.charges)
        left.chargesWithoutCost = left.chargesWithoutCost.addingClamped(right.chargesWithoutCost)
    }
}
