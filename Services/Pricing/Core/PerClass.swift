public import Metering

/// One whole number for each billed token class: counts, rates in picodollars per token, or costs in picodollars.
public struct PerClass: Hashable, Sendable {
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
    /// Output, reasoning or not.
    public var output: Int64 = 0

    /// Makes zero for every class.
    public init() {}

    /// Takes reported counts; a class that was not reported is not billed, and reasoning is inside output.
    init(_ tokens: TokenCounts) {
        uncachedInput = tokens.uncachedInput ?? 0
        cacheRead = tokens.cacheRead ?? 0
        cacheWrite5m = tokens.cacheWrite5m ?? 0
        cacheWrite1h = tokens.cacheWrite1h ?? 0
        cacheWrite = tokens.cacheWrite ?? 0
        output = tokens.output ?? 0
    }

    /// The number of a class; reasoning has none of its own and reads as zero.
    public subscript(tokenClass: TokenClass) -> Int64 {
        get {
            switch tokenClass {
            case .uncachedInput: uncachedInput
            case .cacheRead: cacheRead
            case .cacheWrite5m: cacheWrite5m
            case .cacheWrite1h: cacheWrite1h
            case .cacheWrite: cacheWrite
            case .output: output
            case .reasoning: 0
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
            case .reasoning: break
            }
        }
    }

    /// Whether every number is zero.
    public var isZero: Bool { self == PerClass() }

    /// Whether a number is below zero.
    var hasNegative: Bool { uncachedInput | cacheRead | cacheWrite5m | cacheWrite1h | cacheWrite | output < 0 }

    /// All input, cached or not, clamped at the end of Int64.
    var totalInput: Int64 {
        uncachedInput.addingClamped(cacheRead).addingClamped(cacheWrite5m).addingClamped(cacheWrite1h)
            .addingClamped(cacheWrite)
    }

    /// The products class by class; `nil` when one of them passes Int64.
    func multiplied(by other: PerClass) -> PerClass? {
        var product = PerClass()
        var overflows = false
        func multiply(_ left: Int64, _ right: Int64) -> Int64 {
            let (product, overflow) = left.multipliedReportingOverflow(by: right)
            overflows = overflows || overflow
            return product
        }
        product.uncachedInput = multiply(uncachedInput, other.uncachedInput)
        product.cacheRead = multiply(cacheRead, other.cacheRead)
        product.cacheWrite5m = multiply(cacheWrite5m, other.cacheWrite5m)
        product.cacheWrite1h = multiply(cacheWrite1h, other.cacheWrite1h)
        product.cacheWrite = multiply(cacheWrite, other.cacheWrite)
        product.output = multiply(output, other.output)
        return overflows ? nil : product
    }

    /// The sum over all classes; `nil` when it passes Int64.
    var sum: Int64? {
        // Six products of Int64 cannot pass Int128.
        let input = Int128(uncachedInput) + Int128(cacheRead) + Int128(cacheWrite5m) + Int128(cacheWrite1h)
        return Int64(exactly: input + Int128(cacheWrite) + Int128(output))
    }

    /// The numbers times a factor; `nil` when one of them is then not whole, or passes Int64.
    func scaled(by factor: Factor) -> PerClass? {
        var result = self
        for tokenClass in TokenClass.disjointClasses {
            let product = Int128(self[tokenClass]) * Int128(factor.numerator)
            let (quotient, remainder) = product.quotientAndRemainder(dividingBy: Int128(factor.denominator))
            guard remainder == 0, let value = Int64(exactly: quotient) else { return nil }
            result[tokenClass] = value
        }
        return result
    }
}
