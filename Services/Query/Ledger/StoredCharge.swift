import Metering
import Reporting

/// A row of the table of charges.
struct StoredCharge {
    var number: Int64
    var keyHash: Int64
    var revision: Int64
    var sequence: Int64
    var scope: Int64
    var dimensionSet: Int64
    var eventTime: Timestamp
    var facts: ChargeFacts
    var run: String?

    /// The quarter hour of UTC it counts in.
    var quarter: Int64 { eventTime.seconds.flooredQuotient(ReadPlan.quarter) }

    /// The columns before `run`, in the order of the table.
    static let columns = """
        number, key_hash, revision, sequence, scope, dimension_set, event_time, marks, uncached_input, cache_read, \
        cache_write_5m, cache_write_1h, cache_write, output, reasoning, computed_cost, reported_cost
        """

    /// Reads ``columns``.
    init(_ row: borrowing BoundStatement.Columns) {
        number = row.integer(0)
        keyHash = row.integer(1)
        revision = row.integer(2)
        sequence = row.integer(3)
        scope = row.integer(4)
        dimensionSet = row.integer(5)
        eventTime = Timestamp(nanoseconds: row.integer(6))
        facts = ChargeFacts(
            tokens: TokenCounts(
                uncachedInput: row.optionalInteger(8), cacheRead: row.optionalInteger(9),
                cacheWrite5m: row.optionalInteger(10), cacheWrite1h: row.optionalInteger(11),
                cacheWrite: row.optionalInteger(12), output: row.optionalInteger(13), reasoning: row.optionalInteger(14)
            ),
            computedCost: row.optionalInteger(15).map(Amount.init(picodollars:)),
            reportedCost: row.optionalInteger(16).map(Amount.init(picodollars:)),
            marks: ChargeFacts.Marks(rawValue: row.integer(7)))
    }

    /// Makes the row of a charge.
    init(_ entry: ChargeEntry, keyHash: Int64, sequence: Int64, scope: Int64, dimensionSet: Int64) {
        number = entry.number
        self.keyHash = keyHash
        revision = entry.revision
        self.sequence = sequence
        self.scope = scope
        self.dimensionSet = dimensionSet
        eventTime = entry.eventTime
        facts = entry.facts
        run = entry.run
    }

    /// Binds every column, in the order of the table.
    func bind(to statement: BoundStatement) {
        statement.bind(1, number)
        statement.bind(2, keyHash)
        statement.bind(3, revision)
        statement.bind(4, sequence)
        statement.bind(5, scope)
        statement.bind(6, dimensionSet)
        statement.bind(7, eventTime.nanoseconds)
        statement.bind(8, facts.marks.rawValue)
        statement.bind(9, facts.tokens.uncachedInput)
        statement.bind(10, facts.tokens.cacheRead)
        statement.bind(11, facts.tokens.cacheWrite5m)
        statement.bind(12, facts.tokens.cacheWrite1h)
        statement.bind(13, facts.tokens.cacheWrite)
        statement.bind(14, facts.tokens.output)
        statement.bind(15, facts.tokens.reasoning)
        statement.bind(16, facts.computedCost?.picodollars)
        statement.bind(17, facts.reportedCost?.picodollars)
        statement.bind(18, run)
    }

    /// A number that tells keys apart, nearly always; the same in every process (FNV-1a).
    static func hash(of key: CallKey) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.rawValue.utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 0x100_0000_01b3
        }
        return Int64(bitPattern: hash)
    }
}
