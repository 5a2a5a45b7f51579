public import Metering

/// Sums of tokens in disjoint classes; a class nobody reported is zero.
public struct TokenSums: Hashable, Sendable {
    /// Input neither read from nor written to a cache.
    public var uncachedInput: Int64 = 0
    /// Input read from a cache.
    public var cacheRead: Int64 = 0
    /// Input written to a five-minute cache.
    public var cacheWrite5m: Int64 = 0
    /// Input written to a one-hour cache.
    public var cacheWrite1h: Int64 = 0
    /// Input written to a cache of unstated lifetime.
    public var cacheWrite: Int64 = 0
    /// Output, reasoning included.
    public var output: Int64 = 0
    /// Reasoning, a part of the output.
    public var reasoning: Int64 = 0

    /// Makes sums of nothing.
    @inlinable
    public init() {}

    /// Takes the counts of one charge.
    @inlinable
    public init(_ counts: TokenCounts) {
        uncachedInput = counts.uncachedInput ?? 0
        cacheRead = counts.cacheRead ?? 0
        cacheWrite5m = counts.cacheWrite5m ?? 0
        cacheWrite1h = counts.cacheWrite1h ?? 0
        cacheWrite = counts.cacheWrite ?? 0
        output = counts.output ?? 0
        reasoning = counts.reasoning ?? 0
    }

    /// All input written to a cache, whatever its lifetime.
    @inlinable public var allCacheWrites: Int64 { cacheWrite5m + cacheWrite1h + cacheWrite }
    /// All input.
    @inlinable public var input: Int64 { uncachedInput + cacheRead + allCacheWrites }
    /// All input and output.
    @inlinable public var total: Int64 { input + output }

    /// The sum of one class.
    public subscript(tokenClass: TokenClass) -> Int64 {
        switch tokenClass {
        case .uncachedInput: uncachedInput
        case .cacheRead: cacheRead
        case .cacheWrite5m: cacheWrite5m
        case .cacheWrite1h: cacheWrite1h
        case .cacheWrite: cacheWrite
        case .output: output
        case .reasoning: reasoning
        }
    }

    @inlinable
    static func += (left: inout TokenSums, right: TokenSums) {
        left.uncachedInput += right.uncachedInput
        left.cacheRead += right.cacheRead
        left.cacheWrite5m += right.cacheWrite5m
        left.cacheWrite1h += right.cacheWrite1h
        left.cacheWrite += right.cacheWrite
        left.output += right.output
        left.reasoning += right.reasoning
    }

    @inlinable
    static func -= (left: inout TokenSums, right: TokenSums) {
        left.uncachedInput -= right.uncachedInput
        left.cacheRead -= right.cacheRead
        left.cacheWrite5m -= right.cacheWrite5m
        left.cacheWrite1h -= right.cacheWrite1h
        left.cacheWrite -= right.cacheWrite
        left.output -= right.output
        left.reasoning -= right.reasoning
    }
}
