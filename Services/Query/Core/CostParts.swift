public import Metering

/// A computed cost by what was paid for, each part at its own rate, in picodollars.
///
/// Cached input has a price of its own; a share of the total by tokens would be a guess.
public struct CostParts: Hashable, Sendable {
    /// Input neither read from nor written to a cache.
    public var uncachedInput: Int128 = 0
    /// Input read from a cache.
    public var cacheRead: Int128 = 0
    /// Input written to a cache, whatever its lifetime.
    public var cacheWrite: Int128 = 0
    /// Output, reasoning included.
    public var output: Int128 = 0

    /// Makes parts of nothing.
    @inlinable
    public init() {}

    /// Takes the costs of one charge by token class.
    public init(_ costs: [TokenClass: Amount]) {
        for (tokenClass, cost) in costs { add(cost, of: tokenClass) }
    }

    /// The sum of all parts.
    @inlinable public var total: Int128 { uncachedInput + cacheRead + cacheWrite + output }

    /// Adds the cost of one class of tokens.
    public mutating func add(_ cost: Amount, of tokenClass: TokenClass) {
        let cost = Int128(cost.picodollars)
        switch tokenClass {
        case .uncachedInput: uncachedInput += cost
        case .cacheRead: cacheRead += cost
        case .cacheWrite5m, .cacheWrite1h, .cacheWrite: cacheWrite += cost
        case .output, .reasoning: output += cost
        }
    }

    @inlinable
    static func += (left: inout CostParts, right: CostParts) {
        left.uncachedInput += right.uncachedInput
        left.cacheRead += right.cacheRead
        left.cacheWrite += right.cacheWrite
        left.output += right.output
    }

    @inlinable
    static func -= (left: inout CostParts, right: CostParts) {
        left.uncachedInput -= right.uncachedInput
        left.cacheRead -= right.cacheRead
        left.cacheWrite -= right.cacheWrite
        left.output -= right.output
    }
}
