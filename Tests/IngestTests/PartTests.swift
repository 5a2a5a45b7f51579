import ArgumentParser
import Foundation
import Metering
import Pipeline
import Settings
import Testing

@testable import IngestService

/// The small parts, each by itself.
struct PartTests {
    @Test func `the key of pseudonyms is made once, for the owner only, and stays the same`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-key-\(UUID().uuidString)").path
        _ = try DataDirectory.make(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = try PseudonymKey.load(from: folder)
        #expect(key.count == 32 && Set(key).count > 8)
        #expect(try PseudonymKey.load(from: folder) == key)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [PseudonymKey.fileName])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + PseudonymKey.fileName)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `replicas that start together agree on one key`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-key-\(UUID().uuidString)").path
        _ = try DataDirectory.make(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<32 { group.addTask { try PseudonymKey.load(from: folder) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }

    @Test(arguments: [0, 31, 33, 4096])
    func `a damaged key is refused, not used and not replaced`(size: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-key-\(UUID().uuidString)").path
        _ = try DataDirectory.make(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/" + PseudonymKey.fileName
        #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 7, count: size)))
        let error = #expect(throws: SettingsError.self) { try PseudonymKey.load(from: folder) }
        #expect(error?.description.contains("does not hold a key of 32 bytes") == true)
        #expect(FileManager.default.contents(atPath: path)?.count == size)
    }

    @Test func `an event that is too large for the bus becomes a dead letter without content`() throws {
        let time = Timestamp(nanoseconds: 1_795_262_400_000_000_000)
        var large = Observation(
            id: ContentID(high: 1, low: 2), harness: Harness(rawValue: "claude-code"), session: "s", channel: .log,
            source: "x", eventTime: time, receivedTime: time, content: .call(keys: [], tokens: TokenCounts(), cost: nil)
        )
        let small = large
        large.attribution.project = String(repeating: "CANARY", count: 20_000)
        let events = EncodedEvents([.observation(large), .observation(small)])
        #expect(events.texts.count == 2)
        #expect(events.texts.allSatisfy { $0.count <= Spool.maximumEventBytes })
        let text = String(decoding: events.texts[0], as: UTF8.self)
        #expect(text.contains("event_too_large") && text.contains(large.id.description) && !text.contains("CANARY"))
        #expect(events.counts.values.sorted() == [1, 1])
    }

    @Test func `a reservation gives back what it took, once`() throws {
        let budget = MemoryBudget(limit: 100)
        do {
            var first = MemoryReservation(in: budget)
            try first.grow(by: 60)
            var second = MemoryReservation(in: budget)
            #expect(throws: Refusal.unavailable(.memoryFull)) { try second.grow(by: 41) }
            #expect(budget.usedBytes == 60)
            try second.grow(by: 40)
            #expect(budget.usedBytes == 100)
            first.release()
            #expect(budget.usedBytes == 40)
            try first.grow(by: 10)
            second.release()
            second.release()
            #expect(budget.usedBytes == 10)
            first.release()
        }
        #expect(budget.usedBytes == 0)
    }

    @Test func `limits that contradict each other and open listeners are refused at the start`() throws {
        #expect(throws: (any Error).self) {
            try IngestConfiguration.parse(["--body-bytes", "10", "--memory-bytes", "9"])
        }
        #expect(throws: (any Error).self) { try IngestConfiguration.parse(["--spool-bytes", "9"]) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-data-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = ["--data", folder]
        #expect(throws: SettingsError.self) {
            try IngestConfiguration.parse(arguments + ["--host", "0.0.0.0"]).settings()
        }
        #expect(throws: SettingsError.self) {
            try IngestConfiguration.parse(arguments + ["--identity", "x"]).settings()
        }
        #expect(throws: LinkError.self) {
            try IngestConfiguration.parse(arguments + ["--observations", "7101"]).settings()
        }
        let settings = try IngestConfiguration.parse(arguments).settings()
        #expect(settings.address.port == 4318 && settings.stage.folder == folder + "/ingest")
    }
}
