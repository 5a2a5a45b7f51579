/// An instant: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds, as OpenTelemetry counts them.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the Unix epoch; reaches the year 2262.
    public var nanoseconds: Int64

    /// Makes an instant from nanoseconds since the Unix epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Makes an instant from whole seconds since the Unix epoch; out-of-range values are clamped.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Self.nanosecondsPerSecond)
        self.nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// The instant after, or with a negative duration before, some time; out-of-range values are clamped.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let moved = Int128(nanoseconds) + Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)
        return Timestamp(nanoseconds: Int64(clamping: moved))
    }

    /// Nanoseconds in a second.
    public static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// Whole seconds since the Unix epoch, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: Self.nanosecondsPerSecond)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// Reads an RFC 3339 date and time, such as `2026-11-21T00:35:43.980Z` or with an offset `+01:00`.
    ///
    /// - Returns: `nil` when the text is not such a date, or lies outside the range of ``nanoseconds``.
    public init?(rfc3339 text: String) {
        var fields = RFC3339Fields(Array(text.utf8))
        guard let nanoseconds = fields.parse() else { return nil }
        self.init(nanoseconds: nanoseconds)
    }

    /// The instant in UTC as RFC 3339 text with as many fraction digits as it needs (none, 3, 6 or 9).
    public var description: String {
        let day = CivilDay(of: self)
        let date = day.date
        let secondOfDay = seconds - Int64(day.daysSinceEpoch) * 86_400
        let remainder = nanoseconds % Self.nanosecondsPerSecond
        let fraction = remainder < 0 ? remainder + Self.nanosecondsPerSecond : remainder
        return String(unsafeUninitializedCapacity: 30) { buffer in
            var count = 0
            func append(_ value: Int64, _ width: Int, before separator: Unicode.Scalar) {
                var rest = value
                for position in stride(from: count + width - 1, through: count, by: -1) {
                    buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                buffer[count + width] = UInt8(ascii: separator)
                count += width + 1
            }
            append(Int64(date.year), 4, before: "-")
            append(Int64(date.month), 2, before: "-")
            append(Int64(date.day), 2, before: "T")
            append(secondOfDay / 3600, 2, before: ":")
            append(secondOfDay / 60 % 60, 2, before: ":")
            append(secondOfDay % 60, 2, before: fraction == 0 ? "Z" : ".")
            if fraction == 0 { return count }
            if fraction % 1_000_000 == 0 {
                append(fraction / 1_000_000, 3, before: "Z")
            } else if fraction % 1_000 == 0 {
                append(fraction / 1_000, 6, before: "Z")
            } else {
                append(fraction, 9, before: "Z")
            }
            return count
        }
    }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A cursor over the fields of an RFC 3339 text.
private struct RFC3339Fields {
    let text: [UInt8]
    var index = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    mutating func parse() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
            take("T") || take("t") || take(" "), let hour = digits(2), take(":"), let minute = digits(2), take(":"),
            let second = digits(2), (1...12).contains(month), hour < 24, minute < 60, second <= 60,
            let civil = CivilDay(year: year, month: month, day: day)
        else { return nil }
        guard let fraction = fraction(), let offset = offset(), index == text.count else { return nil }
        let seconds = Int64(civil.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
        return Int64(exactly: Int128(seconds) * Int128(Timestamp.nanosecondsPerSecond) + Int128(fraction))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard index + count <= text.count else { return nil }
        var value = 0
        for offset in 0..<count {
            let byte = text[index + offset]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        index += count
        return value
    }

    /// Nanoseconds after the point, zero without a point; digits past the ninth are cut.
    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 9 { value = value * 10 + Int64(digit) }
            count += 1
        }
        guard count > 0 else { return nil }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Seconds east of UTC.
    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : (take("-") ? -1 : 0)
        guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }
}
