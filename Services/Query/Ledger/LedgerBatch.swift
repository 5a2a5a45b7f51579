import Metering
import Pipeline
import Reporting

/// What is to be stored in one transaction: charges, dead letters, and how far each stream was taken in.
struct LedgerBatch {
    /// Transactions in the order of their arrival.
    var transactions: [IncomingTransaction] = []
    /// What could not be read.
    var deadLetters: [IncomingDeadLetter] = []
    /// The windows of all streams that had a batch, as they are after it.
    var windows: [StreamID: UnorderedReceiveWindow] = [:]
    /// Events that had been taken in before.
    var duplicates = 0

    /// Whether there is anything to store.
    var isEmpty: Bool { transactions.isEmpty && deadLetters.isEmpty && windows.isEmpty }
}

/// One event of a stream: charges that become visible together.
struct IncomingTransaction {
    let stream: StreamID
    let sequence: SequenceNumber
    let byteCount: Int
    var charges: [IncomingCharge]
    /// What became of everything that was said about some scopes.
    var reconciliations: [IncomingReconciliation] = []
}

/// A reconciliation record: whose it is, and its text, which is kept as it is.
struct IncomingReconciliation {
    let scope: Scope
    let revision: Int64
    let text: [UInt8]
}

/// A charge and the text it was read from, which is passed on as it is.
struct IncomingCharge {
    let entry: ChargeEntry
    let text: ArraySlice<UInt8>
}

/// An event that could not be used: metadata only.
struct IncomingDeadLetter: Hashable {
    /// The stream and number; `nil` for a frame that is no batch.
    var stream: StreamID?
    var sequence: SequenceNumber?
    /// A name from our own code.
    var reason: String
    /// The member at fault, a name from our own code.
    var field: String?
    var byteCount: Int
}

/// What one transaction stored.
struct LedgerCommit {
    /// The changes, in order, ready for the feed.
    var changes: [PublishedChange] = []
    /// Charges whose revision was not higher than the stored one.
    var stale = 0
    /// Charges that took an earlier one back.
    var retractions = 0
    /// Dead letters written, those of charges that contradict the ledger included.
    var deadLetters = 0
}

/// A change as the feed and `/v1/changes` carry it.
struct PublishedChange: Hashable {
    let sequence: Int64
    let tenant: String
    let harness: Harness
    let body: [UInt8]
}
