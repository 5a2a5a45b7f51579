/// An exact multiplier, such as eleven tenths.
public struct Factor: Hashable, Sendable, CustomStringConvertible {
    /// Above the line; at least 1.
    public let numerator: Int64
    /// Below the line; at least 1.
    public let denominator: Int64

    /// Makes a factor; `nil` unless both parts lie between 1 and a million.
    public init?(numerator: Int64, denominator: Int64) {
        guard (1...1_000_000).contains(numerator), (1...1_000_000).contains(denominator) else { return nil }
        self.init(unchecked: numerator, denominator)
    }

    /// Reads `11/10`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let numerator = Int64(parts[0]), let denominator = Int64(parts[1]) else { return nil }
        self.init(numerator: numerator, denominator: denominator)
    }

    private init(unchecked numerator: Int64, _ denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// One.
    public static let one = Factor(unchecked: 1, 1)

    /// The factor as `11/10`.
    public var description: String { "\(numerator)/\(denominator)" }
}
