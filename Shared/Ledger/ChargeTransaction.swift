/// Charges that become visible together.
public struct ChargeTransaction: Hashable, Sendable {
    /// The charges, in the order of the calls.
    public var charges: [Charge]

    /// Makes a transaction.
    public init(charges: [Charge]) {
        self.charges = charges
    }
}
