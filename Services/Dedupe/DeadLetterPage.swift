import GRDB
import Operations
import Wire

/// What could not be used, for operators: how much of what, and the last of it.
///
/// Read on a connection of its own, so that the stage does not wait.
struct DeadLetterPage: Sendable {
    private let path: String

    /// The most letters of one page.
    static let maximumLetters = 100_000

    /// Shows the letters of a store.
    init(folder: String) {
        path = folder + "/dedupe.sqlite"
    }

    /// The page; parameters: `limit`, and `channel` or `reason` to see those letters alone.
    var page: AdminPage {
        AdminPage("/v1/dead-letters") { parameter in
            let limit = parameter("limit").flatMap { Int($0) } ?? 100
            return try json(
                channel: parameter("channel"), reason: parameter("reason"),
                limit: min(max(0, limit), Self.maximumLetters))
        }
    }

    /// The page's text.
    func json(channel: String?, reason: String?, limit: Int) throws -> [UInt8] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        return try database.read { database in
            let filter = "WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR reason = ?2)"
            let groups = try Row.fetchAll(
                database,
                sql: """
                    SELECT stage, reason, harness, channel, field, count(*), min(refused_at), max(refused_at)
                    FROM dead_letter \(filter) GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC
                    """, arguments: [channel, reason])
            let letters = try Row.fetchAll(
                database,
                sql: """
                    SELECT lower(hex(letter)), tenant, stage, reason, harness, channel, field, size, refused_at
                    FROM dead_letter \(filter) ORDER BY id DESC LIMIT ?3
                    """, arguments: [channel, reason, limit])
            return Self.text(groups, letters)
        }
    }

    private static func text(_ groups: [Row], _ letters: [Row]) -> [UInt8] {
        var json = JSONWriter(capacity: 1024 + 256 * letters.count)
        json.object { json in
            json.member("v", Int64(1))
            json.key("groups")
            json.array { json in
                for row in groups {
                    json.object { json in
                        json.member("stage", row[0] as String)
                        json.member("reason", row[1] as String)
                        json.member("harness", row[2] as String?)
                        json.member("channel", row[3] as String?)
                        json.member("field", row[4] as String?)
                        json.member("count", row[5] as Int64)
                        json.member("first", row[6] as String)
                        json.member("last", row[7] as String)
                    }
                }
            }
            json.key("letters")
            json.array { json in
                for row in letters {
                    json.object { json in
                        json.member("id", row[0] as String)
                        json.member("tenant", row[1] as String)
                        json.member("stage", row[2] as String)
                        json.member("reason", row[3] as String)
                        json.member("harness", row[4] as String?)
                        json.member("channel", row[5] as String?)
                        json.member("field", row[6] as String?)
                        json.member("size", row[7] as Int64?)
                        json.member("refused_at", row[8] as String)
                    }
                }
            }
        }
        return json.bytes
    }
}
