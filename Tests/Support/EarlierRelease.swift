import Foundation

/// The databases that the first release left after it had counted the recorded run, as SQL text.
///
/// They were written by that release, not by today's code: dedupe's and the ledger's, which belong together. Later
/// versions of a schema are made of them by stopping on the way (`DatabaseMigrator.migrate(_:upTo:)`).
public struct EarlierRelease: Sendable {
    /// The statements that make dedupe's database.
    public let dedupe: String
    /// The statements that make the ledger.
    public let ledger: String
    /// What that release answered: calls, output tokens, and cost in picodollars.
    public let totals = (calls: 30 as Int64, output: 2031 as Int64, picodollars: 297_851_100_000 as Int128)
    /// The number of sessions it told of.
    public let sessions = 13

    /// The first release.
    public static func first() throws -> EarlierRelease {
        guard let folder = Bundle.module.resourceURL?.appending(path: "Fixtures/releases/1") else {
            throw SupportFailure("the fixtures are missing")
        }
        return EarlierRelease(
            dedupe: try String(contentsOf: folder.appending(path: "dedupe.sql"), encoding: .utf8),
            ledger: try String(contentsOf: folder.appending(path: "ledger.sql"), encoding: .utf8))
    }
}
