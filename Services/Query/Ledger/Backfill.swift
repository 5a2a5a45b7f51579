import GRDB
import Metering
import Reporting
import Wire

/// Reads every charge of a ledger again from the text it keeps, after the ledger has learnt to look for more in it.
struct Backfill {
    private static let batch = 4096

    private let database: Database
    private let statements: WriterStatements
    private var dimensionSets = DimensionRegistry()
    private var sums = SumFold()
    private var rules: [Int64: ScopeCostRule] = [:]

    private init(_ database: Database, _ statements: WriterStatements) {
        self.database = database
        self.statements = statements
    }

    /// Reads everything again if a migration asked for it; once it returns, that is durable.
    static func runIfPending(_ database: Database, _ statements: WriterStatements) throws {
        guard try Int64.fetchOne(database, sql: "SELECT id FROM pending_backfill") != nil else { return }
        try database.inTransaction(.immediate) {
            var backfill = Backfill(database, statements)
            try backfill.run()
            try database.execute(sql: "DELETE FROM pending_backfill")
            return .commit
        }
    }

    /// Takes all charges over, with the sums they are part of.
    private mutating func run() throws {
        for row in try Row.fetchAll(database, sql: "SELECT id, cost_aggregates FROM scope") {
            rules[row[0]] = ScopeCostRule(costAggregates: row[1])
        }
        var last: Int64 = 0
        while true {
            let numbers = try Int64.fetchAll(
                database, sql: "SELECT number FROM charge WHERE number > ? ORDER BY number LIMIT ?",
                arguments: [last, Self.batch])
            guard let end = numbers.last else { return }
            for number in numbers { try renew(number) }
            try sums.flush(statements)
            sums.removeAll()
            last = end
        }
    }

    private mutating func renew(_ number: Int64) throws {
        var stored: StoredCharge?
        statements.selectCharge.bind(1, number)
        try statements.selectCharge.forEachRow { stored = StoredCharge($0) }
        guard let old = stored else { throw StoredValueError(table: "charge") }
        guard let entry = try entry(ofChange: old.sequence) else {
            // What was removed because it was old keeps the figures it has.
            guard try isRemoved(old.sequence) else { throw StoredValueError(table: "change") }
            return
        }
        let new = StoredCharge(
            entry, keyHash: old.keyHash, sequence: old.sequence, scope: old.scope,
            dimensionSet: try dimensionSets.id(of: entry.dimensions, database))
        new.bind(to: statements.replaceCharge)
        try statements.replaceCharge.run()
        let rule = rules[old.scope] ?? .perCharge
        sums.subtract(
            old.facts.usage(rule), quarter: old.quarter, scope: old.scope, dimensionSet: old.dimensionSet)
        sums.add(new.facts.usage(rule), quarter: new.quarter, scope: new.scope, dimensionSet: new.dimensionSet)
        guard new.facts.marks.contains(.counted) else { return }
        sums.see(new.eventTime.nanoseconds, quarter: new.quarter, dimensionSet: new.dimensionSet)
    }

    private func isRemoved(_ sequence: Int64) throws -> Bool {
        let through = try Int64.fetchOne(database, sql: "SELECT max(through) FROM removed_changes") ?? 0
        return sequence <= through
    }

    private func entry(ofChange sequence: Int64) throws -> ChargeEntry? {
        let body = try Row.fetchOne(database, sql: "SELECT body FROM change WHERE sequence = ?", arguments: [sequence])
        guard let body = body?[0] as DatabaseBlob? else { return nil }
        var json = JSONReader(body.bytes)
        var entry: ChargeEntry?
        try json.object { name, json throws(JSONError) in
            guard case "charge" = name else { return try json.skip() }
            entry = try ChargeEntry(from: &json)
        }
        return entry
    }
}
