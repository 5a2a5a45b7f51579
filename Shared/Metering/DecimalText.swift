/// Decimal text to scaled integers and back, exactly.
enum DecimalText {
    /// The value of a decimal number times 10^scale, rounded half to even; `nil` when it is no number or too large.
    static func scaled(_ text: some Collection<UInt8>, by scale: Int) -> Int64? {
        scaledWide(text, by: scale).flatMap { Int64(exactly: $0) }
    }

    static func scaledWide(_ text: some Collection<UInt8>, by scale: Int) -> Int128? {
        guard let number = parse(text) else { return nil }
        let shift = scale + number.exponent
        guard number.significand != 0 else { return 0 }
        guard shift < 39 else { return nil }
        var value = number.significand
        if shift >= 0 {
            for _ in 0..<shift {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                value = product
            }
        } else {
            value = roundedHalfEven(value, droppingDigits: -shift, sticky: number.sticky)
        }
        return number.negative ? -value : value
    }

    /// Writes value / 10^fractionDigits.
    static func string(_ value: Int128, fractionDigits: Int, padded: Bool = false) -> String {
        var digits = Array(String(value.magnitude).utf8)
        if digits.count <= fractionDigits {
            let missing = fractionDigits + 1 - digits.count
            digits.insert(contentsOf: Array(repeating: UInt8(ascii: "0"), count: missing), at: 0)
        }
        var fraction = digits.suffix(fractionDigits)
        let whole = digits.dropLast(fractionDigits)
        if !padded {
            while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        }
        let sign = value < 0 ? "-" : ""
        let wholeText = String(decoding: whole, as: UTF8.self)
        return fraction.isEmpty ? sign + wholeText : sign + wholeText + "." + String(decoding: fraction, as: UTF8.self)
    }

    private struct Number {
        var negative = false
        var significand: Int128 = 0
        var exponent = 0
        /// Whether digits beyond the significand's precision were cut and not all zero.
        var sticky = false
    }

    private static func parse(_ text: some Collection<UInt8>) -> Number? {
        var number = Number()
        var index = text.startIndex
        func peek() -> UInt8? { index < text.endIndex ? text[index] : nil }
        if let sign = peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            number.negative = sign == UInt8(ascii: "-")
            text.formIndex(after: &index)
        }
        var sawDigit = false
        var pointSeen = false
        while let byte = peek() {
            if byte == UInt8(ascii: "."), !pointSeen {
                pointSeen = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                sawDigit = true
                let digit = Int128(byte - UInt8(ascii: "0"))
                if number.significand < 1_000_000_000_000_000_000_000_000_000_000_000 {
                    number.significand = number.significand * 10 + digit
                    if pointSeen { number.exponent -= 1 }
                } else {
                    number.sticky = number.sticky || digit != 0
                    if !pointSeen { number.exponent += 1 }
                }
            } else {
                break
            }
            text.formIndex(after: &index)
        }
        guard sawDigit else { return nil }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            text.formIndex(after: &index)
            guard let exponent = parseExponent(text[index...]) else { return nil }
            number.exponent += exponent
            return number
        }
        return index == text.endIndex ? number : nil
    }

    private static func parseExponent(_ text: some Collection<UInt8>) -> Int? {
        guard let string = String(validating: text, as: UTF8.self), let value = Int(string), abs(value) < 10_000 else {
            return nil
        }
        return value
    }

    private static func roundedHalfEven(_ value: Int128, droppingDigits count: Int, sticky: Bool) -> Int128 {
        guard count < 38 else { return 0 }
        var divisor: Int128 = 1
        for _ in 0..<count { divisor *= 10 }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        let half = divisor / 2
        if remainder > half || (remainder == half && (sticky || quotient % 2 == 1)) { return quotient + 1 }
        return quotient
    }
}
