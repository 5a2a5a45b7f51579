import Foundation
import GRDB
import Ledger
import Metering
import Reporting
import Storage
import Support
import Testing

@testable import QueryService

/// Ledgers of earlier releases: what they said is what they say, and what follows goes on from there.
@Suite(.timeLimit(.minutes(30))) struct UpgradeTests {
    private static let migrator = LedgerSchema.migrator { "unused" }

    /// A ledger as the first release left it, its schema brought as far as one version.
    private func ledger(upTo version: String) throws -> TestLedger {
        try TestLedger { path in
            let queue = try DatabaseQueue(path: path)
            // The text makes its own transaction.
            try queue.writeWithoutTransaction { try $0.execute(sql: try EarlierRelease.first().ledger) }
            try Self.migrator.migrate(queue, upTo: version)
            try queue.close()
        }
    }

    @Test(arguments: migrator.migrations)
    func `a ledger of any version has the same totals after the upgrade`(version: String) async throws {
        let (test, release) = (try ledger(upTo: version), try EarlierRelease.first())
        let totals = try await test.totals()
        #expect(totals.calls == release.totals.calls && totals.tokens.output == release.totals.output)
        for cost in [totals.computedCost, totals.reportedCost, totals.autoCost] {
            #expect(cost.picodollars == release.totals.picodollars)
        }
        #expect(totals.costParts.output > 0 && totals.evidence.counted > 0, "what the first release did not keep")
        for query in ["group_by=day,model", "group_by=session", "group_by=hour,channel&timezone=Asia/Kolkata"] {
            #expect(try await test.totals(query) == totals, "\(query)")
        }
        #expect(try await test.report("group_by=session").rows.count == release.sessions)
        let blocks = try await test.ledger.blocks(BlockRequest(), at: Timestamp(seconds: 1_795_200_000)).blocks
        #expect(blocks.reduce(0) { $0 + $1.usage.calls } == release.totals.calls)
        let key = CallKey(rawValue: try #require(try await test.changes().first?.charge.call.key.rawValue))
        #expect(try await test.ledger.explanation(of: key)?.explanation.isConsistent == true)
    }

    @Test(arguments: migrator.migrations)
    func `a late revision after the upgrade replaces what the earlier release had`(version: String) async throws {
        let (test, release) = (try ledger(upTo: version), try EarlierRelease.first())
        var charge = try #require(try await test.changes().first).charge
        let before = charge.rating.cost ?? .zero
        #expect(try test.commit([[charge]]).stale == 1, "the same again")
        charge.call.revision += 1
        charge.rating.cost = Amount(picodollars: before.picodollars + 5)
        #expect(try test.commit([[charge]]).changes.count == 1)
        let totals = try await test.totals()
        #expect(totals.calls == release.totals.calls)
        #expect(totals.computedCost.picodollars == release.totals.picodollars + 5)
        #expect(test.writer.lastSequence == 31)
    }

    @Test func `a report that was asked for before the upgrade was done does not stay`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-upgrade-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let queue = try DatabaseQueue(path: folder + "/ledger.sqlite")
        try await queue.writeWithoutTransaction { try $0.execute(sql: try EarlierRelease.first().ledger) }
        try queue.close()
        let ledger = try SQLiteLedger(path: folder + "/ledger.sqlite")
        func totals() async throws -> Usage {
            let request = UsageRequest(groups: [.period(.day)])
            let cells = try await ledger.cells(ReadPlan(request), filter: request.filter).cells
            return UsageReport(request, cells: cells).totals
        }
        #expect(try await totals().evidence.counted == 0, "the first release kept none")
        let writer = try ledger.makeWriter()
        #expect(try await totals().evidence.counted > 0)
        _ = writer
    }

    @Test func `every upgrade leaves the tables that a new ledger has`() throws {
        let new = try Self.tables(of: TestLedger())
        for version in Self.migrator.migrations {
            #expect(try Self.tables(of: ledger(upTo: version)) == new, "from \(version)")
        }
    }

    private static func tables(of test: TestLedger) throws -> [String] {
        try test.ledger.pool.read { database in
            try String.fetchAll(
                database, sql: "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_master ORDER BY 1")
        }
    }

    @Test
    func `a damaged ledger is refused at the start where that takes no time, and not looked through where it would`()
        throws
    {
        let path: String
        let test = try TestLedger()
        try test.commit((1...200).map { [Charges.charge($0)] })
        path = test.path + ".damaged"
        try test.ledger.pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        // A page in the middle, whatever it holds.
        try file.seek(toOffset: 4096 * 20)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try file.close()
        let error = #expect(throws: StorageError.self) { _ = try SQLiteLedger(path: path) }
        #expect(error?.description.contains("is damaged") == true)
        _ = try DurableDatabase.open(path: path, migrator: Self.migrator, checkedBytes: 4096)
    }

    @Test func `a ledger of a newer release is refused and stays as it is`() throws {
        let test = try TestLedger()
        try test.ledger.pool.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('something of tomorrow')")
        }
        let error = #expect(throws: StorageError.self) { _ = try SQLiteLedger(path: test.path) }
        #expect(error?.description.contains("newer release of Tollbook; install that release") == true)
        #expect(
            try test.ledger.pool.read { try Self.migrator.appliedIdentifiers($0) }.contains("something of tomorrow"))
    }
}
