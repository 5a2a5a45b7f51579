public import Metering

/// A call with its price: what the ledger stores and the feed publishes.
public struct Charge: Hashable, Sendable {
    /// The call.
    public var call: Call
    /// Its price.
    public var rating: Rating

    /// Makes a charge.
    public init(call: Call, rating: Rating) {
        self.call = call
        self.rating = rating
    }
}
