import Foundation
import GRDB
import Metering
import Reporting
import Storage
import Wire

/// What the service keeps of budgets, in a database of its own, so that nothing here ever holds up the ledger: budgets that
/// were set over the API, and which crossings were told to whom.
final class BudgetStore: Sendable {
    /// How long a period is remembered after its beginning; nobody looks at the budgets of older ones.
    private static let rememberedSeconds: Int64 = 400 * 86_400
    let pool: DatabasePool

    /// One message that is to be sent.
    struct Notice: Hashable, Sendable {
        let id: Int64
        let webhook: String
        let text: String
        let attempts: Int
    }

    /// A crossing that may be new.
    struct Crossing: Hashable, Sendable {
        var budget: String
        var fingerprint: String
        /// The session, user, ...; empty where all have the budget together.
        var key: String
        /// The period's first second; 0 for ever.
        var window: Int64
        var state: BudgetStatus.State
    }

    /// Opens, or makes, the database.
    ///
    /// - Throws: `StorageError` when the file cannot be used.
    init(path: String) throws {
        pool = try DurableDatabase.open(path: path, migrator: Self.migrator, readers: 2, cacheKibibytes: 1024)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("budgets") { database in
            try database.execute(
                sql: """
                    CREATE TABLE budget (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
                    CREATE TABLE crossing (
                        budget TEXT NOT NULL,
                        fingerprint TEXT NOT NULL,
                        key TEXT NOT NULL,
                        window INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        time INTEGER NOT NULL,
                        PRIMARY KEY (budget, fingerprint, key, window, state)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE notice (
                        id INTEGER PRIMARY KEY,
                        webhook TEXT NOT NULL,
                        text TEXT NOT NULL,
                        made_time INTEGER NOT NULL,
                        attempts INTEGER NOT NULL,
                        due_time INTEGER
                    ) STRICT;
                    CREATE INDEX notice_due ON notice (due_time) WHERE due_time IS NOT NULL;
                    """)
        }
        migrator.registerMigration("messages are not kept") { database in
            try database.execute(sql: "DELETE FROM notice WHERE due_time IS NULL")
        }
        return migrator
    }

    // MARK: Budgets of the API

    /// The budgets that were set over the API, by name.
    func budgets() throws -> [Budget] {
        try pool.read { database in
            try String.fetchAll(database, sql: "SELECT text FROM budget ORDER BY name").map { text in
                var json = JSONReader(text)
                return try Budget(from: &json, isFile: false) { _ in true }
            }
        }
    }

    /// Sets a budget.
    func set(_ budget: Budget) throws {
        var json = JSONWriter(capacity: 256)
        json.object { $0.members(of: budget) }
        let text = String(decoding: json.bytes, as: UTF8.self)
        try pool.write { database in
            try database.execute(
                sql: "INSERT INTO budget VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
                arguments: [budget.name, text])
        }
    }

    /// Removes a budget and what was remembered of it; false where there is none.
    func remove(_ name: String) throws -> Bool {
        try pool.write { database in
            try database.execute(sql: "DELETE FROM crossing WHERE budget = ?", arguments: [name])
            try database.execute(sql: "DELETE FROM budget WHERE name = ?", arguments: [name])
            return database.changesCount > 0
        }
    }

    // MARK: Crossings and their messages

    /// Remembers a crossing, and the messages about it in the same transaction; nothing happens where it was known.
    ///
    /// A budget that is exceeded at once has passed its warning too, which then needs no message of its own.
    /// - Returns: whether it was new.
    @discardableResult
    func record(_ crossing: Crossing, webhooks: [String], text: String, at now: Timestamp) throws -> Bool {
        try pool.write { database in
            func insert(_ state: BudgetStatus.State) throws -> Bool {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO crossing VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [
                        crossing.budget, crossing.fingerprint, crossing.key, crossing.window, state.rawValue,
                        now.nanoseconds,
                    ])
                return database.changesCount > 0
            }
            guard try insert(crossing.state) else { return false }
            try database.execute(
                sql: "DELETE FROM crossing WHERE window BETWEEN 1 AND ?",
                arguments: [now.seconds - Self.rememberedSeconds])
            if crossing.state == .exceeded { _ = try insert(.warning) }
            for webhook in webhooks {
                try database.execute(
                    sql: "INSERT INTO notice (webhook, text, made_time, attempts, due_time) VALUES (?, ?, ?, 0, ?)",
                    arguments: [webhook, text, now.nanoseconds, now.nanoseconds])
            }
            return true
        }
    }

    /// The webhooks that have messages to be sent by now.
    func receivers(dueAt now: Timestamp) throws -> [String] {
        try pool.read { database in
            try String.fetchAll(
                database, sql: "SELECT DISTINCT webhook FROM notice WHERE due_time <= ?", arguments: [now.nanoseconds])
        }
    }

    /// The oldest message to a webhook that is to be sent by now.
    func due(at now: Timestamp, for webhook: String) throws -> Notice? {
        try pool.read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT id, webhook, text, attempts FROM notice WHERE due_time <= ? AND webhook = ?
                    ORDER BY id LIMIT 1
                    """, arguments: [now.nanoseconds, webhook]
            ).map { Notice(id: $0[0], webhook: $0[1], text: $0[2], attempts: $0[3]) }
        }
    }

    /// Whether any message still waits.
    func hasPending() throws -> Bool {
        try pool.read { try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM notice WHERE due_time IS NOT NULL)") }
            ?? false
    }

    /// Notes how an attempt ended.
    ///
    /// - Parameter next: when to try again; `nil` where it is done or given up, after which nothing is kept of the message.
    func finish(_ notice: Notice, next: Timestamp?) throws {
        try pool.write { database in
            guard let next else {
                return try database.execute(sql: "DELETE FROM notice WHERE id = ?", arguments: [notice.id])
            }
            try database.execute(
                sql: "UPDATE notice SET attempts = attempts + 1, due_time = ? WHERE id = ?",
                arguments: [next.nanoseconds, notice.id])
        }
    }
}
