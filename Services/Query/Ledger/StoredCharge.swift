import Ledger
import Metering
import Reporting

/// A row of the table of charges.
struct StoredCharge {
    var number: Int64
    var keyHash: Int64
    var version: ChargeVersion
    var sequence: Int64
    var scope: Int64
    var dimensionSet: Int64
    var eventTime: Timestamp
    var facts: ChargeFacts
    var run: String?

    /// The quarter hour of UTC it counts in.
    var quarter: Int64 { eventTime.seconds.flooredQuotient(ReadPlan.quarter) }

    /// The columns that are read back; `run` is only written.
    static let columns = """
        number, key_hash, revision, sequence, scope, dimension_set, event_time, marks, uncached_input, cache_read, \
        cache_write_5m, cache_write_1h, cache_write, output, reasoning, computed_cost, reported_cost, \
        uncached_input_cost, cache_read_cost, cache_write_cost, output_cost, counted_reports, duplicate_reports, \
        superseded_reports, conflicting_reports, repricing
        """

    /// Reads ``columns``.
    init(_ row: borrowing BoundStatement.Columns) {
        number = row.integer(0)
        keyHash = row.integer(1)
        version = ChargeVersion(revision: row.integer(2), repricing: row.integer(25))
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
            costParts: CostParts(stored: row.integer(17), row.integer(18), row.integer(19), row.integer(20)),
            evidence: EvidenceCounts(
                stored: row.integer(21), row.integer(22), row.integer(23), row.integer(24)),
            marks: ChargeFacts.Marks(rawValue: row.integer(7)))
    }

    /// Makes the row of a charge.
    init(_ entry: ChargeEntry, keyHash: Int64, sequence: Int64, scope: Int64, dimensionSet: Int64) {
        number = entry.number
        self.keyHash = keyHash
        version = entry.version
        self.sequence = sequence
        self.scope = scope
        self.dimensionSet = dimensionSet
        eventTime = entry.eventTime
        facts = entry.facts
        run = entry.run
    }

    /// Binds ``columns`` and `run`.
    func bind(to statement: BoundStatement) {
        statement.bind(1, number)
        statement.bind(2, keyHash)
        statement.bind(3, version.revision)
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
        statement.bind(18, Int64(clamping: facts.costParts.uncachedInput))
        statement.bind(19, Int64(clamping: facts.costParts.cacheRead))
        statement.bind(20, Int64(clamping: facts.costParts.cacheWrite))
        statement.bind(21, Int64(clamping: facts.costParts.output))
        statement.bind(22, facts.evidence.counted)
        statement.bind(23, facts.evidence.duplicate)
        statement.bind(24, facts.evidence.superseded)
        statement.bind(25, facts.evidence.conflicting)
        statement.bind(26, version.repricing)
        statement.bind(27, run)
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

extension CostParts {
    /// Takes the columns of a row.
    init(stored uncachedInput: Int64, _ cacheRead: Int64, _ cacheWrite: Int64, _ output: Int64) {
        self.init()
        self.uncachedInput = Int128(uncachedInput)
        self.cacheRead = Int128(cacheRead)
        self.cacheWrite = Int128(cacheWrite)
        self.output = Int128(output)
    }
}

extension EvidenceCounts {
    /// Takes the columns of a row.
    init(stored counted: Int64, _ duplicate: Int64, _ superseded: Int64, _ conflicting: Int64) {
        self.init()
        self.counted = counted
        self.duplicate = duplicate
        self.superseded = superseded
        self.conflicting = conflicting
    }
}
