import Metering

/// The cost of a request before fees, in picodollars.
struct Cost {
    /// The cost of each class; their sum is the total.
    private(set) var classes: PerClass
    /// The whole.
    private(set) var total: Int64
    /// Whether the total was rounded, half to even, once.
    private(set) var isRounded = false

    /// The exact cost of counts at rates; `nil` when it passes what an amount can hold.
    init?(_ counts: PerClass, at rates: Rates) {
        guard let classes = counts.multiplied(by: rates), let total = classes.sum else { return nil }
        self.classes = classes
        self.total = total
    }

    /// The cost times a factor; `nil` when it passes what an amount can hold.
    ///
    /// The total is rounded once; what the classes' parts leave over goes to the most expensive one.
    func scaled(by factor: Factor) -> Cost? {
        let denominator = Int128(factor.denominator)
        var (quotient, remainder) = (Int128(total) * Int128(factor.numerator))
            .quotientAndRemainder(dividingBy: denominator)
        let isRounded = remainder != 0
        remainder *= 2
        if remainder > denominator || (remainder == denominator && quotient % 2 == 1) { quotient += 1 }
        guard let scaledTotal = Int64(exactly: quotient) else { return nil }
        var result = self
        result.isRounded = isRounded
        result.total = scaledTotal
        var rest = scaledTotal
        var largest = TokenClass.uncachedInput
        for tokenClass in TokenClass.disjointClasses {
            // A part of a total that fits Int64 fits as well.
            let part = Int128(classes[tokenClass]) * Int128(factor.numerator) / denominator
            result.classes[tokenClass] = Int64(truncatingIfNeeded: part)
            rest -= result.classes[tokenClass]
            if classes[tokenClass] > classes[largest] { largest = tokenClass }
        }
        result.classes[largest] += rest
        return result
    }
}
