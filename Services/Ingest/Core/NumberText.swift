/// Numbers written as decimal text, as JSON writes them.
enum NumberText {
    /// The longest text taken for a number.
    private static let maximumBytes = 64

    /// A whole number that fits 64 bits; `nil` for anything else.
    static func integer(_ text: some Collection<UInt8>) -> Int64? {
        var digits = text.makeIterator()
        guard var byte = digits.next(), text.count <= 20 else { return nil }
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative {
            guard let next = digits.next() else { return nil }
            byte = next
        }
        var value: Int64 = 0
        var next: UInt8? = byte
        while let byte = next {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
            next = digits.next()
        }
        // Digits were gathered below zero, where Int64 reaches one further.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// A number in JSON's grammar as an integer where it is written as one, else as a double; `nil` for other text.
    static func parsed(_ text: ArraySlice<UInt8>) -> AttributeValue? {
        guard text.count <= maximumBytes, isNumber(text) else { return nil }
        if let integer = integer(text) { return .integer(integer) }
        return Double(String(decoding: text, as: UTF8.self)).map(AttributeValue.double)
    }

    /// The value of a number that a JSON reader has found, however long it is written.
    static func value(_ text: ArraySlice<UInt8>) -> AttributeValue {
        if let integer = integer(text) { return .integer(integer) }
        return .double(Double(String(decoding: text, as: UTF8.self)) ?? .nan)
    }

    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var index = text.startIndex
        func take(_ isWanted: (UInt8) -> Bool) -> Bool {
            guard index < text.endIndex, isWanted(text[index]) else { return false }
            index += 1
            return true
        }
        func digits() -> Int {
            var count = 0
            while take({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { count += 1 }
            return count
        }
        _ = take { $0 == UInt8(ascii: "-") }
        let first = index
        let whole = digits()
        guard whole > 0, whole == 1 || text[first] != UInt8(ascii: "0") else { return false }
        if take({ $0 == UInt8(ascii: ".") }), digits() == 0 { return false }
        if take({ $0 | 0x20 == UInt8(ascii: "e") }) {
            _ = take { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
            guard digits() > 0 else { return false }
        }
        return index == text.endIndex
    }
}

extension AttributeValue {
    /// A number that OTLP's JSON may write as a string, as the integer it stands for; other values as they are.
    var asInteger: AttributeValue {
        guard case .text(let utf8) = self else { return self }
        return NumberText.parsed(utf8) ?? self
    }

    /// A number that OTLP's JSON may write as a string or without a fraction, as a double; other values as they are.
    var asDouble: AttributeValue {
        switch self {
        case .integer(let number): return .double(Double(number))
        case .text(let utf8):
            if utf8.equals("NaN") { return .double(.nan) }
            if utf8.equals("Infinity") { return .double(.infinity) }
            if utf8.equals("-Infinity") { return .double(-.infinity) }
            return NumberText.parsed(utf8).map(\.asDouble) ?? self
        default: return self
        }
    }
}
