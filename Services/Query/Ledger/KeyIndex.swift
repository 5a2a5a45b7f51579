import GRDB

/// Where a call's key leads to its charge, at the price of an append.
///
/// An index by key would dirty a page for every charge, which costs more than all the rest. Keys of new charges are
/// appended to a short list instead; when it is full it is sorted and becomes a run. Looking up a key searches the list
/// and makes one descent for each run.
struct KeyIndex {
    /// How long the list may get.
    static let maximumFresh = 32_768

    private let database: Database
    private var fresh: Int
    private var pending: [(number: Int64, hash: Int64)] = []

    init(_ database: Database) throws {
        self.database = database
        fresh = try Int.fetchOne(database, sql: "SELECT count(*) FROM fresh_key") ?? 0
    }

    mutating func add(number: Int64, hash: Int64) {
        pending.append((number, hash))
    }

    /// Writes the new keys, inside the batch's transaction.
    mutating func flush(_ statements: WriterStatements) throws {
        for key in pending {
            statements.insertFreshKey.bind(1, key.number)
            statements.insertFreshKey.bind(2, key.hash)
            try statements.insertFreshKey.run()
        }
        fresh += pending.count
        pending.removeAll(keepingCapacity: true)
        guard fresh >= Self.maximumFresh else { return }
        try database.execute(sql: "INSERT INTO run VALUES (NULL)")
        try database.execute(
            sql: "INSERT INTO key_run SELECT ?, hash, number FROM fresh_key ORDER BY hash, number",
            arguments: [database.lastInsertedRowID])
        try database.execute(sql: "DELETE FROM fresh_key")
        fresh = 0
    }

    /// The numbers of the charges whose key has this hash.
    static func numbers(hash: Int64, _ database: Database) throws -> [Int64] {
        let inList = try Int64.fetchAll(database, sql: "SELECT number FROM fresh_key WHERE hash = ?", arguments: [hash])
        let inRuns = try Int64.fetchAll(
            database, sql: "SELECT number FROM run CROSS JOIN key_run ON key_run.run = run.id AND hash = ?",
            arguments: [hash])
        return inList + inRuns
    }
}
