/// A class of tokens that is billed, or reported, apart from the others.
public enum TokenClass: String, CaseIterable, Hashable, Sendable {
    /// Input that was neither read from nor written to a prompt cache.
    case uncachedInput = "uncached_input"
    /// Input read from a prompt cache.
    case cacheRead = "cache_read"
    /// Input written to a prompt cache that lives five minutes.
    case cacheWrite5m = "cache_write_5m"
    /// Input written to a prompt cache that lives one hour.
    case cacheWrite1h = "cache_write_1h"
    /// Input written to a prompt cache whose lifetime was not stated.
    case cacheWrite = "cache_write"
    /// All output, including reasoning.
    case output
    /// The part of the output that was reasoning; never added to it.
    case reasoning

    /// The classes that together are all input.
    public static let inputClasses: [TokenClass] = [
        .uncachedInput, .cacheRead, .cacheWrite5m, .cacheWrite1h, .cacheWrite,
    ]

    /// The classes that together are all tokens: every class but `reasoning`.
    public static let disjointClasses: [TokenClass] = inputClasses + [.output]
}

/// Token counts in disjoint classes; `nil` means not reported, 0 means reported as zero.
///
/// Providers disagree on what "input" includes; a reader converts to these classes at the border.
public struct TokenCounts: Hashable, Sendable {
    /// Input neither read from nor written to a cache.
    public var uncachedInput: Int64?
    /// Input read from a cache.
    public var cacheRead: Int64?
    /// Input written to a five-minute cache.
    public var cacheWrite5m: Int64?
    /// Input written to a one-hour cache.
    public var cacheWrite1h: Int64?
    /// Input written to a cache of unstated lifetime.
    public var cacheWrite: Int64?
    /// Output, including reasoning.
    public var output: Int64?
    /// Reasoning, a part of `output`.
    public var reasoning: Int64?

    /// Makes counts; classes left out are not reported.
    public init(
        uncachedInput: Int64? = nil, cacheRead: Int64? = nil, cacheWrite5m: Int64? = nil, cacheWrite1h: Int64? = nil,
        cacheWrite: Int64? = nil, output: Int64? = nil, reasoning: Int64? = nil
    ) {
        self.uncachedInput = uncachedInput
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.cacheWrite = cacheWrite
        self.output = output
        self.reasoning = reasoning
    }

    /// The count of one class.
    public subscript(tokenClass: TokenClass) -> Int64? {
        get {
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
        set {
            switch tokenClass {
            case .uncachedInput: uncachedInput = newValue
            case .cacheRead: cacheRead = newValue
            case .cacheWrite5m: cacheWrite5m = newValue
            case .cacheWrite1h: cacheWrite1h = newValue
            case .cacheWrite: cacheWrite = newValue
            case .output: output = newValue
            case .reasoning: reasoning = newValue
            }
        }
    }

    /// All tokens written to a cache, whatever their lifetime; `nil` when no class of them is reported.
    public var allCacheWrites: Int64? { Self.sum([cacheWrite5m, cacheWrite1h, cacheWrite]) }

    /// All input, cached or not (OpenTelemetry's `gen_ai.usage.input_tokens`); `nil` when no class is reported.
    public var inputTokens: Int64? { Self.sum([uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite]) }

    /// All input and output; `nil` when nothing is reported.
    ///
    /// Reasoning is inside output.
    public var totalTokens: Int64? { Self.sum([inputTokens, output]) }

    /// Whether no class is reported.
    public var isEmpty: Bool { self == TokenCounts() }

    /// Whether some class is reported with a count other than zero.
    public var hasUsage: Bool { TokenClass.allCases.contains { (self[$0] ?? 0) != 0 } }

    /// Whether parts add up to these counts in every class that is billed, cache lifetimes taken together.
    public func isSum(of parts: [TokenCounts]) -> Bool {
        let sum = parts.reduce(TokenCounts(), +)
        func written(_ counts: TokenCounts) -> Int64 {
            [counts.cacheWrite5m, counts.cacheWrite1h, counts.cacheWrite].reduce(0) { $0.addingClamped($1 ?? 0) }
        }
        return (sum.uncachedInput ?? 0) == (uncachedInput ?? 0) && (sum.cacheRead ?? 0) == (cacheRead ?? 0)
            && (sum.output ?? 0) == (output ?? 0) && written(sum) == written(self)
    }

    /// Adds counts class by class, clamping at the ends of Int64; a class reported by neither stays unreported.
    public static func + (left: TokenCounts, right: TokenCounts) -> TokenCounts {
        left.combined(with: right) { $0.addingClamped($1) }
    }

    /// Subtracts counts class by class; a class that is not reported counts as zero.
    public static func - (left: TokenCounts, right: TokenCounts) -> TokenCounts {
        var result = TokenCounts()
        for tokenClass in TokenClass.allCases where left[tokenClass] != nil || right[tokenClass] != nil {
            result[tokenClass] = (left[tokenClass] ?? 0).subtractingClamped(right[tokenClass] ?? 0)
        }
        return result
    }

    /// The larger count of each class: what two reports of a growing stream agree on.
    public func fieldwiseMaximum(_ other: TokenCounts) -> TokenCounts {
        combined(with: other, Swift.max)
    }

    private func combined(with other: TokenCounts, _ combine: (Int64, Int64) -> Int64) -> TokenCounts {
        func pair(_ left: Int64?, _ right: Int64?) -> Int64? {
            guard let left else { return right }
            guard let right else { return left }
            return combine(left, right)
        }
        return TokenCounts(
            uncachedInput: pair(uncachedInput, other.uncachedInput), cacheRead: pair(cacheRead, other.cacheRead),
            cacheWrite5m: pair(cacheWrite5m, other.cacheWrite5m), cacheWrite1h: pair(cacheWrite1h, other.cacheWrite1h),
            cacheWrite: pair(cacheWrite, other.cacheWrite), output: pair(output, other.output),
            reasoning: pair(reasoning, other.reasoning))
    }

    private static func sum(_ counts: [Int64?]) -> Int64? {
        var total: Int64?
        for case let count? in counts { total = (total ?? 0).addingClamped(count) }
        return total
    }
}

extension Int64 {
    /// The sum, or the end of the range that it would pass.
    public func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the end of the range that it would pass.
    public func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
