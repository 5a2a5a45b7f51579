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
        // Sums of years fit 64 bits too, and dividing 128 bits is many times slower.
        if let narrow = UInt64(exactly: value.magnitude) {
            return string(narrow, isNegative: value < 0, fractionDigits, padded)
        }
        return string(value.magnitude, isNegative: value < 0, fractionDigits, padded)
    }

    private static func string<Magnitude: FixedWidthInteger & UnsignedInteger>(
        _ magnitude: Magnitude, isNegative: Bool, _ fractionDigits: Int, _ padded: Bool
    ) -> String {
        // A short text needs no memory of its own once its length is known.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { buffer in
            // Digits are written from the last to the first.
            var position = buffer.count
            var rest = magnitude
            var written = 0
            var isTrailing = !padded
            while rest > 0 || written <= fractionDigits {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                rest = quotient
                written += 1
                if written == fractionDigits + 1 {
                    if fractionDigits > 0, !isTrailing {
                        position -= 1
                        buffer[position] = UInt8(ascii: ".")
                    }
                    isTrailing = false
                }
                if isTrailing, digit == 0 { continue }
                isTrailing = false
                position -= 1
                buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            }
            if isNegative {
                position -= 1
                buffer[position] = UInt8(ascii: "-")
            }
            return String(decoding: UnsafeBufferPointer(rebasing: buffer[position...]), as: UTF8.self)
        }
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
