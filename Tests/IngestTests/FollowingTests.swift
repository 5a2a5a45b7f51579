import FileReading
import Foundation
import Harnesses
import Metering
import Support
import Synchronization
import Testing

@testable import IngestService

/// Session files that are followed by a whole ingest: real files, a real spool, a real receiver.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct FollowingTests {
    /// Runs an ingest that follows a folder.
    static func following<Value: Sendable>(
        _ folder: String, in test: IngestUnderTest,
        _ change: (inout Following.Settings) -> Void = { _ in },
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        var test = test
        let root = try #require(SessionFolder(harness: Harness(rawValue: "claude-code"), path: folder))
        var settings = Following.Settings(folders: [root], cursors: test.folder)
        change(&settings)
        test.settings.following = settings
        test.settings.drainLimit = .seconds(5)
        try FileManager.default.createDirectory(atPath: test.folder, withIntermediateDirectories: true)
        return try await test.runLive { _ in try await body() }
    }

    private struct Place {
        let test: IngestUnderTest
        let receiver: Receiver
        let books: CallBooks
        let folder: String

        init() async throws {
            receiver = try await Receiver.start()
            books = CallBooks(of: receiver)
            test = try IngestUnderTest(observations: receiver.observations, watermarks: receiver.watermarks)
            folder = test.folder + "-projects"
        }

        func remove() {
            receiver.stop()
            test.remove()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func `what is added is read, half a line waits for its other half, a new folder is found`() async throws {
        let place = try await Place()
        defer { place.remove() }
        let (books, receiver, folder) = (place.books, place.receiver, place.folder)
        try await Self.following(folder, in: place.test) {
            var random = SeededRandom(seed: 20_261_128)
            var files = SessionFilesUnderTest(folder: folder)
            // Not there when following began.
            try await Task.sleep(for: .milliseconds(50))
            try files.create([files.record(&random), files.record(&random)], &random)
            try await eventually("found") { try books.calls.count == 2 }
            try files.append([files.record(&random)], to: 0)
            try await eventually("appended") { try books.calls.count == 3 }
            try files.appendHalf(files.record(&random), to: 0)
            try await Task.sleep(for: .milliseconds(200))
            #expect(try books.calls.count == 3)
            try files.finishHalf(of: 0)
            try await eventually("finished") { try books.calls.count == 4 }
            #expect(try books.deadLetters.isEmpty)
            #expect(receiver.count == 4, "nothing was read twice")
        }
    }

    @Test func `after a restart nothing is read again, and what was added meanwhile is`() async throws {
        let place = try await Place()
        defer { place.remove() }
        let (books, receiver, folder) = (place.books, place.receiver, place.folder)
        var random = SeededRandom(seed: 20_261_128)
        var files = SessionFilesUnderTest(folder: folder)
        for _ in 0..<5 { try files.create((0..<4).map { _ in files.record(&random) }, &random) }
        try await Self.following(folder, in: place.test) {
            try await eventually("read") { receiver.count == 20 }
        }
        try files.append([files.record(&random)], to: 2)
        try files.create([files.record(&random)], &random)
        try await Self.following(folder, in: place.test) {
            try await eventually("the rest") { receiver.count >= 22 }
        }
        #expect(receiver.count == 22)
        #expect(try books.calls.count == 22)
        // Without its cursors everything is read again, and says the same.
        for suffix in ["", "-wal", "-shm"] { unlink(place.test.folder + "/following.sqlite" + suffix) }
        try await Self.following(folder, in: place.test) {
            try await eventually("again") { receiver.count >= 44 }
        }
        #expect(try books.calls.count == 22)
    }

    @Test func `bad lines are dead letters with a reason, and the rest of the file is read`() async throws {
        let place = try await Place()
        defer { place.remove() }
        let (books, folder) = (place.books, place.folder)
        var random = SeededRandom(seed: 20_261_128)
        var files = SessionFilesUnderTest(folder: folder)
        try files.create([files.record(&random)], &random)
        let path = files.files[0].path
        try SessionFilesUnderTest.add("no JSON\n{\"type\":\"assistant\",\n{}\n\n{\"type\":\"new kind\"}\n", to: path)
        try SessionFilesUnderTest.add(
            "{\"type\":" + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000) + "}\n", to: path
        )
        let broken = Array("{\"type\":\"assistant\",\"sessionId\":\"".utf8) + [0xFF, 0xFE] + Array("\"}\n".utf8)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: broken)
        try handle.close()
        try files.append([files.record(&random)], to: 0)
        try SessionFilesUnderTest.add("{\"type\":\"assistant\",\"mess", to: path)
        try await Self.following(folder, in: place.test) {
            try await eventually("read") { try books.calls.count == 2 }
            try await eventually("refused") { try books.deadLetters.count >= 4 }
        }
        #expect(
            try books.deadLetters == [
                "invalid_utf8", "malformed_line", "malformed_line", "nested_too_deeply",
            ])
    }

    @Test func `where the kernel tells nothing, files are looked at from time to time`() async throws {
        let place = try await Place()
        defer { place.remove() }
        let (books, folder) = (place.books, place.folder)
        try await Self.following(
            folder, in: place.test,
            { settings in
                settings.isWatching = false
                settings.blindInterval = .milliseconds(50)
                settings.turnInterval = .milliseconds(20)
            },
            {
                var random = SeededRandom(seed: 20_261_128)
                var files = SessionFilesUnderTest(folder: folder)
                try files.create([files.record(&random)], &random)
                try await eventually("found") { try books.calls.count == 1 }
                try files.append([files.record(&random)], to: 0)
                try await eventually("appended") { try books.calls.count == 2 }
            })
    }

    @Test(arguments: [20_261_128 as UInt64])
    func `totals are right whatever becomes of the files, a thousand times`(seed: UInt64) async throws {
        let place = try await Place()
        defer { place.remove() }
        let (test, books, folder) = (place.test, place.books, place.folder)
        let campaign = FileCampaign(folder: folder, seed: seed)
        var runs = 0
        while !campaign.isOver {
            runs += 1
            try await Self.following(folder, in: test) {
                try await campaign.run { truth in
                    var missing: [Int] = []
                    do {
                        try await eventually("all is read") {
                            let calls = try books.calls
                            missing = truth.keys.filter { calls["\($0)"] == nil }
                            return missing.isEmpty
                        }
                    } catch is SupportFailure {
                        throw NotCaughtUp(missing: missing.sorted(), changes: campaign.lastChanges)
                    }
                }
            }
        }
        let calls = try books.calls
        let truth = campaign.truth
        #expect(calls.count == truth.count)
        for (number, record) in truth {
            #expect(
                calls["\(number)"] == TokenCounts(uncachedInput: record.input, output: record.output), "\(number)")
        }
        #expect(runs > 10)
        print("\(FileCampaign.steps) changes of files over \(runs) runs of ingest: \(truth.count) calls, totals right")
    }
}

/// Records that were written and did not arrive, and what was done to files last.
struct NotCaughtUp: Error {
    let missing: [Int]
    let changes: [String]
}

/// What reached the receiver: the tokens of each call, and the reasons of dead letters.
final class CallBooks: Sendable {
    private struct State {
        var read = 0
        var calls: [String: TokenCounts] = [:]
        var identities: [String: ContentID] = [:]
        var letters: [ContentID: String] = [:]
    }

    private let receiver: Receiver
    private let state = Mutex(State())

    init(of receiver: Receiver) {
        self.receiver = receiver
    }

    /// The calls, by what stands behind the first underscore of their keys.
    ///
    /// Each must say the same under the same identity however often it comes.
    var calls: [String: TokenCounts] { get throws { try caughtUp { $0.calls } } }

    /// The reason of each dead letter.
    var deadLetters: [String] { get throws { try caughtUp { $0.letters.values.sorted() } } }

    private func caughtUp<Value>(_ value: (State) -> sending Value) throws -> sending Value {
        try state.withLock { state in
            let events = try receiver.events(from: state.read)
            state.read += events.count
            for event in events {
                switch event {
                case .deadLetter(let letter): state.letters[letter.id] = letter.reason
                case .observation(let observation):
                    guard case .call(let keys, let tokens, _) = observation.content, let key = keys.first else { break }
                    let name = String(key.rawValue.drop { $0 != "_" }.dropFirst())
                    #expect(state.calls.updateValue(tokens, forKey: name) ?? tokens == tokens)
                    #expect(
                        state.identities.updateValue(observation.id, forKey: name) ?? observation.id == observation.id)
                }
            }
            return value(state)
        }
    }
}
