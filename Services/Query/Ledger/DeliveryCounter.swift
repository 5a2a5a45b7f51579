/// What the ledger counts about deliveries, beside the changes themselves.
///
/// Conservation: events = transactions applied + dead letters, and charges = changes + stale charges + those in dead letters.
enum DeliveryCounter: String, CaseIterable {
    /// Events taken in for the first time.
    case events
    /// Events that had been taken in before.
    case duplicates
    /// Events that could not be used.
    case deadLetters = "dead_letters"
    /// Charges in the events that could be read.
    case charges
    /// Charges whose revision was not higher than the stored one.
    case stale
    /// Charges that took an earlier one back.
    case retractions

    /// How many a commit adds.
    func count(_ batch: LedgerBatch, _ commit: LedgerCommit) -> Int {
        switch self {
        case .events: batch.transactions.count + batch.deadLetters.count
        case .duplicates: batch.duplicates
        case .deadLetters: commit.deadLetters
        case .charges: batch.transactions.reduce(0) { $0 + $1.charges.count }
        case .stale: commit.stale
        case .retractions: commit.retractions
        }
    }
}
