import Foundation
import GRDB
import Metering
import Pipeline
import Reconciliation
import Storage
import Support
import Testing
import Wire

@testable import DedupeService

/// Databases of earlier releases: what they had counted is counted, whoever tells it again.
@Suite(.timeLimit(.minutes(30))) struct UpgradeTests {
    private static let migrator = DedupeSchema.migrator
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    /// A folder with the database of the first release, its schema brought as far as one version.
    private func database(upTo version: String) throws -> String {
        let path = try folder.subfolder(UUID().uuidString)
        let queue = try DatabaseQueue(path: path + "/dedupe.sqlite")
        try queue.writeWithoutTransaction { try $0.execute(sql: try EarlierRelease.first().dedupe) }
        try Self.migrator.migrate(queue, upTo: version)
        try queue.close()
        return path
    }

    /// The observations of calls that the database keeps.
    private func observations(_ path: String) throws -> [Observation] {
        let queue = try DatabaseQueue(path: path + "/dedupe.sqlite")
        let records = try queue.read { try Data.fetchAll($0, sql: "SELECT record FROM call ORDER BY number") }
        try queue.close()
        return try records.flatMap { try CallRecord(json: [UInt8]($0)).reports.map(\.observation) }
    }

    @Test(arguments: migrator.migrations)
    func `what an earlier release counted counts once, told again by the same and by another channel`(
        version: String
    ) throws {
        let path = try database(upTo: version)
        let known = try observations(path)
        let release = try EarlierRelease.first()
        #expect(Int64(known.count) >= release.totals.calls)
        let store = try DedupeStore(folder: path)
        let before = store.tally
        #expect(before.imbalance == 0 && before[.calls] == release.totals.calls)
        var sender = Producer()
        for start in stride(from: 0, to: known.count, by: 100) {
            try store.apply([sender.frame(Array(known[start..<min(start + 100, known.count)]))])
        }
        #expect(store.tally[.duplicates] - before[.duplicates] == Int64(known.count))
        #expect(try store.handedOn().isEmpty, "nothing new was said")
        // The same call by its request id, from a transcript: it joins, and nothing more is counted.
        var other = try #require(known.first { $0.channel == .log })
        other.channel = .transcript
        other.source = "elsewhere"
        other.id = ContentID(high: 1, low: 2)
        try store.apply([sender.frame([other])])
        let calls = try store.handedOn().flatMap { event in
            var json = JSONReader(event)
            return try CallTransaction(from: &json).calls
        }
        #expect(calls.allSatisfy { $0.revision > 1 && !$0.isRetracted }, "revised, not told anew")
        #expect(store.tally.imbalance == 0)
    }

    @Test func `every upgrade leaves the tables that a new database has`() throws {
        func tables(_ path: String) throws -> [String] {
            _ = try DedupeStore(folder: path)
            return try DatabaseQueue(path: path + "/dedupe.sqlite").read {
                try String.fetchAll(
                    $0, sql: "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_master ORDER BY 1")
            }
        }
        let new = try tables(folder.subfolder("new"))
        for version in Self.migrator.migrations {
            #expect(try tables(database(upTo: version)) == new, "from \(version)")
        }
    }

    @Test func `a database of a newer release is refused`() throws {
        let path = try database(upTo: try #require(Self.migrator.migrations.last))
        let queue = try DatabaseQueue(path: path + "/dedupe.sqlite")
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('4 of tomorrow')") }
        try queue.close()
        let error = #expect(throws: StorageError.self) { _ = try DedupeStore(folder: path) }
        #expect(error?.description.contains("newer release of Tollbook; install that release") == true)
    }
}
