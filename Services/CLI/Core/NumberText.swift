public import Metering

/// Numbers as reports show them.
public enum NumberText {
    /// A whole number with commas between thousands.
    public static func grouped(_ value: Int64) -> String {
        let digits = Array(String(value.magnitude).utf8)
        var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(UInt8(ascii: ",")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// An amount in dollars and cents, rounded half to even once.
    public static func dollars(_ amount: AmountTotal) -> String {
        let text = amount.rounded(toDigits: 2)
        return text.hasPrefix("-") ? "-$" + text.dropFirst() : "$" + text
    }

    /// The cost of some calls: `$0.42`, `≥ $0.42` when a part is unpriced, `unpriced` when all is.
    public static func cost(_ figures: UsageFigures) -> String {
        switch figures.pricing {
        case .complete: dollars(figures.cost)
        case .partial: "≥ " + dollars(figures.cost)
        case .unknown: "unpriced"
        }
    }

    /// A decimal number of a whole number of parts of ten to the power of `digits`, without trailing zeros.
    static func decimal(_ value: Int128, digits: Int) -> String {
        var unit: Int128 = 1
        for _ in 0..<digits { unit *= 10 }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: UInt128(unit))
        var fraction = String(rest)
        fraction = String(repeating: "0", count: digits - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (value < 0 ? "-" : "") + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// A size in the unit that suits it: `512 B`, `1.5 MiB`.
    public static func bytes(_ count: Int64) -> String {
        var unit = 0
        var divisor: Int64 = 1
        while count / divisor >= 1024, unit < 4 {
            divisor *= 1024
            unit += 1
        }
        let name = ["B", "KiB", "MiB", "GiB", "TiB"][unit]
        guard unit > 0 else { return "\(count) \(name)" }
        let tenths = count / divisor * 10 + count % divisor * 10 / divisor
        return "\(tenths / 10).\(tenths % 10) \(name)"
    }

    /// A duration as `1:02:03` or `2:03`.
    public static func clock(seconds: Int64) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
