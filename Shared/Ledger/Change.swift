public import Metering

/// One revision of one charge in the ledger, as the feed publishes it.
public struct Change: Hashable, Sendable {
    /// The version of this form.
    public static let version: Int64 = 1

    /// The ledger that numbered it; another epoch means that numbers start anew.
    public var epoch: String
    /// Dense number from 1.
    public var sequence: Int64
    /// The last number of the transaction it belongs to: applied alone, a reader may see part of a move.
    public var transactionEnd: Int64
    /// When the ledger recorded it.
    public var recordedTime: Timestamp
    /// The charge, whole.
    ///
    /// A retraction carries zero for every value.
    public var charge: Charge
    /// What the change adds to totals; valid only for a reader that applies every change once.
    public var delta: Delta

    /// What a change adds to totals.
    public struct Delta: Hashable, Sendable {
        /// Tokens added, negative when taken away.
        public var tokens: TokenCounts
        /// Computed cost added.
        public var computedCost: Amount
        /// Reported cost added.
        public var reportedCost: Amount
        /// Calls added: 1, 0 or -1.
        public var calls: Int64

        /// Makes a delta.
        public init(tokens: TokenCounts, computedCost: Amount, reportedCost: Amount, calls: Int64) {
            self.tokens = tokens
            self.computedCost = computedCost
            self.reportedCost = reportedCost
            self.calls = calls
        }
    }

    /// Makes a change.
    public init(
        epoch: String, sequence: Int64, transactionEnd: Int64, recordedTime: Timestamp, charge: Charge, delta: Delta
    ) {
        self.epoch = epoch
        self.sequence = sequence
        self.transactionEnd = transactionEnd
        self.recordedTime = recordedTime
        self.charge = charge
        self.delta = delta
    }

    /// Whether the charge stands or is taken out.
    public var operation: Operation { charge.call.isRetracted ? .retract : .upsert }

    /// What a reader does with a change.
    public enum Operation: String, Hashable, Sendable {
        /// Keep the charge when its revision is the highest seen for its key.
        case upsert
        /// Take the key out when the revision is the highest seen.
        case retract
    }
}
