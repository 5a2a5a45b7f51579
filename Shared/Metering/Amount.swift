/// An exact amount of money: a whole number of picodollars (1e-12 USD).
///
/// Every published per-token rate is a whole number of picodollars, so products with token counts are exact.
/// One amount reaches 9.2 million dollars; sums are taken in ``AmountTotal``.
public struct Amount: Hashable, Comparable, Sendable {
    /// The amount in picodollars.
    public var picodollars: Int64

    /// Makes an amount from picodollars.
    public init(picodollars: Int64) {
        self.picodollars = picodollars
    }

    /// No money.
    public static let zero = Amount(picodollars: 0)

    /// Orders by value.
    public static func < (left: Amount, right: Amount) -> Bool {
        left.picodollars < right.picodollars
    }
}
