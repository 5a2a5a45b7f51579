import GRDB
import Metering
import Reporting

/// A table of sums by two whole numbers, and the SQL for it.
struct UsageTable {
    let name: String
    /// The two columns of the key.
    let key: (String, String)

    /// By quarter hour of UTC and dimensions.
    static let quarters = UsageTable(name: "usage_quarter", key: ("quarter", "dimension_set"))
    /// By day of UTC and dimensions.
    static let days = UsageTable(name: "usage_day", key: ("day", "dimension_set"))
    /// By session and dimensions.
    static let sessions = UsageTable(name: "usage_session", key: ("scope", "dimension_set"))
    /// What was added (0) and what was taken away (1), by dimensions; both only grow.
    static let movements = UsageTable(name: "usage_movement", key: ("direction", "dimension_set"))

    static let all = [quarters, days, sessions, movements]

    /// The table as the first release made it; later ones add the parts of the cost.
    var definition: String {
        let counts = Self.countNames.map { "\($0) INTEGER NOT NULL" }
        let amounts = Self.costNames.flatMap(Self.amountColumns)
        let columns = (["\(key.0) INTEGER NOT NULL", "\(key.1) INTEGER NOT NULL"] + counts + amounts).joined(
            separator: ", ")
        return "CREATE TABLE \(name) (\(columns), PRIMARY KEY (\(key.0), \(key.1))) STRICT, WITHOUT ROWID"
    }

    /// Adds the columns of the parts of the cost and of the evidence.
    var addingCostParts: String {
        (Self.partNames.flatMap(Self.amountColumns) + Self.evidenceNames.map { "\($0) INTEGER NOT NULL" })
            .map { "ALTER TABLE \(name) ADD COLUMN \($0) DEFAULT 0" }.joined(separator: ";")
    }

    /// Money as whole dollars and picodollars below one: sums of rows stay exact where one Int64 would overflow.
    private static func amountColumns(_ name: String) -> [String] {
        ["\(name)_dollars INTEGER NOT NULL", "\(name)_picodollars INTEGER NOT NULL"]
    }

    /// Adds to the row of a key, or makes it.
    var upsert: String {
        let marks = Array(
            repeating: "?", count: 2 + Self.countNames.count + 2 * Self.amountNames.count + Self.evidenceNames.count)
        let counts = (Self.countNames + Self.evidenceNames).map { "\($0) = \($0) + excluded.\($0)" }
        let amounts = Self.amountNames.flatMap { name in
            let low = "(\(name)_picodollars + excluded.\(name)_picodollars)"
            return [
                "\(name)_dollars = \(name)_dollars + excluded.\(name)_dollars + \(low) / \(Self.picodollarsPerDollar)",
                "\(name)_picodollars = \(low) % \(Self.picodollarsPerDollar)",
            ]
        }
        return "INSERT INTO \(name) VALUES (\(marks.joined(separator: ","))) ON CONFLICT DO UPDATE SET "
            + (counts + amounts).joined(separator: ", ")
    }

    /// The sums of all rows of a group, to be read by `Usage(row:from:)`.
    static let sums: String = {
        let amounts = amountNames.flatMap { ["sum(\($0)_dollars)", "sum(\($0)_picodollars)"] }
        return (countNames.map { "sum(\($0))" } + amounts + evidenceNames.map { "sum(\($0))" }).joined(separator: ", ")
    }()

    /// Every column of sums, to be read by `Usage(row:from:)`.
    static let sumColumns =
        (countNames + amountNames.flatMap { ["\($0)_dollars", "\($0)_picodollars"] } + evidenceNames)
        .joined(separator: ", ")

    private static let picodollarsPerDollar = "1000000000000"

    static let countNames = [
        "calls", "charges", "uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write", "output",
        "reasoning", "unpriced_charges", "unpriced_tokens", "unreported_charges", "unreported_tokens",
        "costless_charges", "costless_tokens", "estimated_charges", "estimated_tokens",
    ]
    private static let costNames = ["computed", "reported", "auto"]
    private static let partNames = ["uncached_input_cost", "cache_read_cost", "cache_write_cost", "output_cost"]
    private static let amountNames = costNames + partNames
    private static let evidenceNames = [
        "counted_reports", "duplicate_reports", "superseded_reports", "conflicting_reports",
    ]
}

extension Usage {
    private static let picodollarsPerDollar: Int128 = 1_000_000_000_000

    /// Every column's value, in the order of the tables.
    var columns: [Int64] {
        var columns = [
            calls, charges, tokens.uncachedInput, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h,
            tokens.cacheWrite, tokens.output, tokens.reasoning, unpriced.charges, unpriced.tokens, unreported.charges,
            unreported.tokens, costless.charges, costless.tokens, estimated.charges, estimated.tokens,
        ]
        for amount in [
            computedCost.picodollars, reportedCost.picodollars, autoCost.picodollars, costParts.uncachedInput,
            costParts.cacheRead, costParts.cacheWrite, costParts.output,
        ] {
            var (dollars, rest) = amount.quotientAndRemainder(dividingBy: Self.picodollarsPerDollar)
            if rest < 0 {
                dollars -= 1
                rest += Self.picodollarsPerDollar
            }
            columns.append(Int64(clamping: dollars))
            columns.append(Int64(clamping: rest))
        }
        columns += [evidence.counted, evidence.duplicate, evidence.superseded, evidence.conflicting]
        return columns
    }

    /// Reads the columns of a row from a place on.
    init(row: Row, from first: Int) {
        func next(_ offset: Int) -> Int64 { row[first + offset] }
        func amount(_ offset: Int) -> Int128 {
            Int128(next(offset)) * Self.picodollarsPerDollar + Int128(next(offset + 1))
        }
        self.init()
        calls = next(0)
        charges = next(1)
        tokens.uncachedInput = next(2)
        tokens.cacheRead = next(3)
        tokens.cacheWrite5m = next(4)
        tokens.cacheWrite1h = next(5)
        tokens.cacheWrite = next(6)
        tokens.output = next(7)
        tokens.reasoning = next(8)
        unpriced = Share(charges: next(9), tokens: next(10))
        unreported = Share(charges: next(11), tokens: next(12))
        costless = Share(charges: next(13), tokens: next(14))
        estimated = Share(charges: next(15), tokens: next(16))
        computedCost = AmountTotal(picodollars: amount(17))
        reportedCost = AmountTotal(picodollars: amount(19))
        autoCost = AmountTotal(picodollars: amount(21))
        costParts.uncachedInput = amount(23)
        costParts.cacheRead = amount(25)
        costParts.cacheWrite = amount(27)
        costParts.output = amount(29)
        evidence.counted = next(31)
        evidence.duplicate = next(32)
        evidence.superseded = next(33)
        evidence.conflicting = next(34)
    }

    /// What of a difference takes away, as sums that only grow.
    var takenAway: Usage {
        var result = Usage()
        func fall(_ value: Int64) -> Int64 { max(0, -value) }
        func fall(_ value: Share) -> Share { Share(charges: fall(value.charges), tokens: fall(value.tokens)) }
        func fall(_ value: AmountTotal) -> AmountTotal { AmountTotal(picodollars: max(0, -value.picodollars)) }
        func fall(_ value: Int128) -> Int128 { max(0, -value) }
        result.calls = fall(calls)
        result.charges = fall(charges)
        result.tokens.uncachedInput = fall(tokens.uncachedInput)
        result.tokens.cacheRead = fall(tokens.cacheRead)
        result.tokens.cacheWrite5m = fall(tokens.cacheWrite5m)
        result.tokens.cacheWrite1h = fall(tokens.cacheWrite1h)
        result.tokens.cacheWrite = fall(tokens.cacheWrite)
        result.tokens.output = fall(tokens.output)
        result.tokens.reasoning = fall(tokens.reasoning)
        result.unpriced = fall(unpriced)
        result.unreported = fall(unreported)
        result.costless = fall(costless)
        result.estimated = fall(estimated)
        result.computedCost = fall(computedCost)
        result.reportedCost = fall(reportedCost)
        result.autoCost = fall(autoCost)
        result.costParts.uncachedInput = fall(costParts.uncachedInput)
        result.costParts.cacheRead = fall(costParts.cacheRead)
        result.costParts.cacheWrite = fall(costParts.cacheWrite)
        result.costParts.output = fall(costParts.output)
        result.evidence.counted = fall(evidence.counted)
        result.evidence.duplicate = fall(evidence.duplicate)
        result.evidence.superseded = fall(evidence.superseded)
        result.evidence.conflicting = fall(evidence.conflicting)
        return result
    }
}
