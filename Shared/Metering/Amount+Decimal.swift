extension Amount: CustomStringConvertible {
    /// Decimal digits after the point that an amount keeps.
    public static let fractionDigits = 12

    /// Reads a decimal number of US dollars, such as `0.0091772` or `1e-05`, without floating point.
    ///
    /// Digits past the twelfth are rounded half to even.
    /// - Returns: `nil` for text that is not a finite decimal number, or that is out of range.
    public init?(dollars text: some Collection<UInt8>) {
        guard let picodollars = DecimalText.scaled(text, by: Self.fractionDigits) else { return nil }
        self.init(picodollars: picodollars)
    }

    /// Reads a decimal number of US dollars from a string.
    public init?(dollars text: String) {
        self.init(dollars: text.utf8)
    }

    /// The amount as an exact decimal number of US dollars, without trailing zeros: `0.0091772`.
    public var description: String { DecimalText.string(Int128(picodollars), fractionDigits: Self.fractionDigits) }

    /// The amount in US dollars with a fixed number of digits, rounded half to even once.
    public func rounded(toDigits digits: Int) -> String {
        AmountTotal(picodollars: Int128(picodollars)).rounded(toDigits: digits)
    }
}

extension AmountTotal: CustomStringConvertible {
    /// Reads what ``description`` wrote.
    ///
    /// - Returns: `nil` for text that is not a decimal number with at most twelve digits after the point.
    public init?(dollars text: String) {
        guard let picodollars = DecimalText.scaledWide(text.utf8, by: Amount.fractionDigits) else { return nil }
        self.init(picodollars: picodollars)
    }

    /// The sum as an exact decimal number of US dollars, without trailing zeros.
    public var description: String { DecimalText.string(picodollars, fractionDigits: Amount.fractionDigits) }

    /// The sum in US dollars with a fixed number of digits (0 to 12), rounded half to even once.
    public func rounded(toDigits digits: Int) -> String {
        precondition((0...Amount.fractionDigits).contains(digits), "an amount has at most twelve digits to show")
        var divisor: Int128 = 1
        for _ in digits..<Amount.fractionDigits { divisor *= 10 }
        var quotient = picodollars.magnitude / UInt128(divisor)
        let doubled = (picodollars.magnitude % UInt128(divisor)) * 2
        if doubled > UInt128(divisor) || (doubled == UInt128(divisor) && quotient % 2 == 1) { quotient += 1 }
        let signed = picodollars < 0 ? -Int128(quotient) : Int128(quotient)
        return DecimalText.string(signed, fractionDigits: digits, padded: true)
    }
}
