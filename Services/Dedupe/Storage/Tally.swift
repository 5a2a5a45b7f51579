/// What became of everything that ingest handed over; kept in the same transaction as what it counts.
///
/// Nothing vanishes: accepted = duplicates + observations + dead letters, at every commit.
struct Tally: Hashable {
    /// One count, by the name it has in the database and in metrics.
    enum Counter: String, CaseIterable, Hashable {
        /// Events taken from streams, each number once.
        case accepted
        /// Observations and dead letters that were taken in before, from whichever stream.
        case duplicates
        /// Observations taken in.
        case observations
        /// Input that could not be used, by ingest or here.
        case deadLetters = "dead_letters"
        /// Events that a sender could no longer supply.
        case lost
        /// Reconciliation records handed on.
        case reconciliations
        /// Transactions handed on.
        case transactions
        /// Calls in them.
        case calls
        /// Calls in them that take an earlier one back.
        case retractions
    }

    // Zeros are left out, so that equal counts are equal.
    private var counts: [Counter: Int64] = [:]

    subscript(counter: Counter) -> Int64 {
        get { counts[counter] ?? 0 }
        set { counts[counter] = newValue == 0 ? nil : newValue }
    }

    /// How many accepted events became nothing; zero, or the conservation law is broken.
    var imbalance: Int64 {
        self[.accepted] - self[.duplicates] - self[.observations] - self[.deadLetters]
    }
}
