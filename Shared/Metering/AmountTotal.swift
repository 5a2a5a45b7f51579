/// An exact sum of amounts, wide enough that it cannot overflow in practice (1.7e26 dollars).
public struct AmountTotal: Hashable, Comparable, Sendable {
    /// The sum in picodollars.
    public var picodollars: Int128

    /// Makes a sum from picodollars.
    public init(picodollars: Int128 = 0) {
        self.picodollars = picodollars
    }

    /// No money.
    public static let zero = AmountTotal()

    /// Orders by value.
    public static func < (left: AmountTotal, right: AmountTotal) -> Bool {
        left.picodollars < right.picodollars
    }

    /// Adds an amount.
    public static func += (total: inout AmountTotal, amount: Amount) {
        total.picodollars += Int128(amount.picodollars)
    }

    /// Takes an amount away.
    public static func -= (total: inout AmountTotal, amount: Amount) {
        total.picodollars -= Int128(amount.picodollars)
    }

    /// Adds another sum.
    public static func += (total: inout AmountTotal, other: AmountTotal) {
        total.picodollars += other.picodollars
    }
}
