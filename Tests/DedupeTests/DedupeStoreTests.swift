import Foundation
import GRDB
import Metering
import Pipeline
import Reconciliation
import Testing
import Wire

@testable import DedupeService

/// The database: what is committed together, and what is left after a crash.
@Suite struct DedupeStoreTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test func `a restart between any two batches changes nothing`() throws {
        let telemetry = Telemetry(calls: 120, seed: 1)
        var producer = Producer()
        let frames = telemetry.observations.pieces(of: 7).map { producer.frame($0) }

        let folders = try [folder.subfolder("one"), folder.subfolder("other")]
        let steady = try DedupeStore(folder: folders[0])
        for frame in frames { try steady.apply([frame]) }
        try steady.apply([], settling: try steady.unsettledScopes())
        for frame in frames { try DedupeStore(folder: folders[1]).apply([frame]) }
        let restarted = try DedupeStore(folder: folders[1])
        try restarted.apply([], settling: try restarted.unsettledScopes().sorted { $0.session < $1.session })

        #expect(try restarted.standing().count == steady.standing().count)
        let totals = try [steady, restarted].map { store in
            try store.standing().values.map { "\($0.key) \($0.scope) \($0.tokens) \($0.quality) \($0.evidence)" }
                .sorted()
        }
        #expect(totals[0] == totals[1])
        let output = try restarted.standing().values.filter { $0.quality != .aggregate }.compactMap(\.tokens.output)
        #expect(output.reduce(0, +) == telemetry.output)
        #expect(restarted.tally == steady.tally)
        #expect(restarted.tally.imbalance == 0)
    }

    @Test func `a cache of a few records gives what a large one gives`() throws {
        var producer = Producer()
        let frames = Telemetry(calls: 120, seed: 2).observations.pieces(of: 5).map { producer.frame($0) }
        let folders = try [folder.subfolder("one"), folder.subfolder("other")]
        let large = try DedupeStore(folder: folders[0])
        let small = try DedupeStore(
            folder: folders[1], capacity: .init(calls: 2, keys: 2, scopes: 1, aggregates: 1))
        for frame in frames {
            try large.apply([frame])
            try small.apply([frame])
            #expect(small.cachedRecords <= 60, "a commit of five and what two generations hold")
        }
        #expect(try large.handedOn() == small.handedOn())
    }

    @Test func `what contradicts a report of its own identity is refused visibly, and what came first stands`() throws {
        var producer = Producer()
        do {
            let store = try DedupeStore(folder: folder.path)
            let writes = [10, 10, 11, 11].map { Telemetry.report(1, keys: ["rec:e1"], output: $0) }
            for write in writes { try store.apply([producer.frame([write])]) }
            #expect(try store.standing().values.map(\.tokens) == [TokenCounts(output: 10)])
            #expect(store.tally[.observations] == 1)
            // The second of each is the same once more.
            #expect(store.tally[.duplicates] == 2)
            #expect(store.tally[.deadLetters] == 1)
            #expect(store.tally.imbalance == 0)
        }
        // The same holds after a restart.
        let restarted = try DedupeStore(folder: folder.path)
        try restarted.apply([producer.frame([Telemetry.report(1, keys: ["rec:e1"], output: 12)])])
        #expect(restarted.tally[.deadLetters] == 2)
        #expect(try restarted.standing().values.map(\.tokens) == [TokenCounts(output: 10)])
    }

    @Test func `what was not committed never happened`() throws {
        struct Killed: Error {}
        var producer = Producer()
        let frames = Telemetry(calls: 60, seed: 3).observations.pieces(of: 20).map { producer.frame($0) }
        var handedOn: [[UInt8]] = []
        var tally = Tally()
        for frame in frames {
            do {
                let doomed = try DedupeStore(folder: folder.path)
                #expect(try doomed.handedOn() == handedOn)
                var arrivals = Arrivals()
                arrivals.append(frame)
                #expect(throws: Killed.self) {
                    try doomed.commit { commit in
                        for arrival in arrivals.batches { try commit.apply(arrival, at: Timestamp(seconds: 0)) }
                        throw Killed()
                    }
                }
            }
            let store = try DedupeStore(folder: folder.path)
            #expect(store.tally == tally)
            #expect(try store.handedOn() == handedOn)
            try store.apply([frame])
            (handedOn, tally) = (try store.handedOn(), store.tally)
        }
        #expect(tally[.accepted] == producer.next - 1)
        #expect(tally[.duplicates] == 0)
    }

    @Test func `a batch that comes again is not applied again`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producer = Producer()
        let frame = producer.frame([Telemetry.report(1, keys: ["req:a"], output: 5)])
        try store.apply([frame, frame])
        try store.apply([frame])
        #expect(store.tally[.accepted] == 1)
        #expect(store.watermark(of: producer.stream) == 1)
        #expect(store.outbox.count == 1)
    }

    @Test func `an observation that comes by another stream is a duplicate`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producers = [Producer(), Producer()]
        let telemetry = Telemetry(calls: 50, seed: 4)
        try store.apply([producers[0].frame(telemetry.observations)])
        let before = try store.handedOn()
        try store.apply([producers[1].frame(telemetry.observations.reversed())])
        #expect(try store.handedOn() == before)
        let count = Int64(telemetry.observations.count)
        #expect(store.tally[.observations] == count && store.tally[.duplicates] == count)
        #expect(store.tally.imbalance == 0)
    }

    @Test func `numbers of the outbox are never given twice`() throws {
        var producer = Producer()
        var numbers: [Int64] = []
        for round in 0..<4 {
            let store = try DedupeStore(folder: folder.path)
            let first = store.outbox.next
            try store.apply([producer.frame([Telemetry.report(UInt64(round), keys: ["req:\(round)"], output: 5)])])
            numbers += first..<store.outbox.next
            try store.outbox.trim(through: store.outbox.next - 1)
            #expect(throws: AcknowledgedUnsent.self) { try store.outbox.trim(through: store.outbox.next) }
            #expect(store.outbox.isEmpty)
            try store.apply([])
            #expect(!store.outbox.isTrimmable)
        }
        #expect(numbers == [1, 2, 3, 4])
        let store = try DedupeStore(folder: folder.path)
        #expect(store.outbox.low == 5 && store.outbox.next == 5)
    }

    @Test func `the outbox reads from disk what memory does not hold`() throws {
        var producer = Producer()
        let frames = Telemetry(calls: 400, seed: 5).observations.pieces(of: 50).map { producer.frame($0) }
        let events: [[UInt8]]
        do {
            let store = try DedupeStore(folder: folder.path)
            try store.apply(frames)
            events = try store.handedOn()
        }
        let store = try DedupeStore(folder: folder.path)
        #expect(try store.handedOn() == events)
        try store.outbox.trim(through: 10)
        #expect(store.outbox.low == 11)
        let few = try store.outbox.read(from: 11, maximumEvents: 3, maximumBytes: 1_000_000).map { Array($0) }
        #expect(few == Array(events[10..<13]))
        let one = try store.outbox.read(from: 20, maximumEvents: 100, maximumBytes: 1).map { Array($0) }
        #expect(one == [events[19]], "the first event is always read")
        #expect(try store.outbox.read(from: store.outbox.next, maximumEvents: 1, maximumBytes: 1).isEmpty)
    }

    @Test func `a gap is recorded with its numbers and the stream goes on`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producer = Producer()
        try store.apply([producer.frame([Telemetry.report(1, keys: ["req:a"], output: 5)])])
        producer.skip(9)
        let event = IngestEvent.observation(Telemetry.report(2, keys: ["req:b"], output: 5)).json
        try store.apply([producer.frame([event], low: 11)])
        #expect(store.tally[.lost] == 9)
        #expect(store.watermark(of: producer.stream) == 11)
        let rows = try DatabaseQueue(path: folder.path + "/dedupe.sqlite").read { database in
            try Row.fetchAll(database, sql: "SELECT stream, first, last FROM gap")
        }
        #expect(rows.map { $0["stream"] as String } == [producer.stream.description])
        #expect(rows.map { $0["first"] as Int64 } == [2] && rows.map { $0["last"] as Int64 } == [10])
    }

    @Test func `what cannot be read becomes a dead letter without its content`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producer = Producer()
        let poison = [
            #"{"kind":"observation","note":"canary-4711"}"#, #"["canary-4711"]"#,
            #"{"kind":"observation","id":"canary-4711"}"#,
        ].map { Array($0.utf8) }
        let good = IngestEvent.observation(Telemetry.report(1, keys: ["req:a"], output: 5)).json
        try store.apply([producer.frame(poison + [good]), Array("canary-4711".utf8)])
        #expect(store.tally[.deadLetters] == 4)
        #expect(store.tally[.observations] == 1)
        #expect(store.tally.imbalance == 0)
        #expect(store.watermark(of: producer.stream) == 4)
        #expect(try !folder.contents().contains(Array("canary-4711".utf8)))
        let reasons = try DatabaseQueue(path: folder.path + "/dedupe.sqlite").read { database in
            try String.fetchAll(
                database, sql: "SELECT reason || '/' || ifnull(field, '-') FROM dead_letter ORDER BY id")
        }
        #expect(
            reasons == [
                "undecodable: required member missing/id", "undecodable: value of another type/-",
                "undecodable: value not allowed/id", "unreadable_batch/-",
            ])
    }

    @Test func `dead letters of ingest are kept, each once`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producers = [Producer(), Producer()]
        let letter = DeadLetter(
            id: ContentID(high: 1, low: 2), stage: "ingest", reason: "negative_token_count", time: Timestamp(seconds: 0)
        )
        let event = IngestEvent.deadLetter(letter).json
        try store.apply([producers[0].frame([event]), producers[1].frame([event])])
        #expect(store.tally[.deadLetters] == 1 && store.tally[.duplicates] == 1)
        #expect(store.tally.imbalance == 0)
    }

    @Test func `of dead letters the newest are kept, and all are counted`() throws {
        let store = try DedupeStore(folder: folder.path)
        var producer = Producer()
        func refuse(_ number: UInt64) throws {
            let letter = DeadLetter(
                id: ContentID(high: 1, low: number), stage: "ingest", reason: "r\(number)", time: Timestamp(seconds: 0))
            try store.apply([producer.frame([IngestEvent.deadLetter(letter).json])])
        }
        try refuse(1)
        try refuse(2)
        // As if so many had come between that one more is one too many.
        try DatabaseQueue(path: folder.path + "/dedupe.sqlite").write { database in
            try database.execute(
                sql: "UPDATE dead_letter SET id = ? WHERE id = 2", arguments: [DeliveryStatements.maximumLetters])
        }
        try refuse(3)
        let reasons = try DatabaseQueue(path: folder.path + "/dedupe.sqlite").read { database in
            try String.fetchAll(database, sql: "SELECT reason FROM dead_letter ORDER BY id")
        }
        #expect(reasons == ["r2", "r3"])
        #expect(store.tally[.deadLetters] == 3)
    }

    @Test func `a second process is refused with a sentence`() throws {
        let store = try DedupeStore(folder: folder.path)
        let refusal = #expect(throws: FolderInUse.self) { try DedupeStore(folder: folder.path) }
        #expect(refusal?.description.contains("in use by another tollbook-dedupe") == true)
        #expect(store.tally.imbalance == 0)
    }

    @Test func `two keys of one row are told apart`() throws {
        do { _ = try DedupeStore(folder: folder.path) }
        let name = try DatabaseQueue(path: folder.path + "/dedupe.sqlite").write { database in
            let secret = try #require(try Data.fetchOne(database, sql: "SELECT secret FROM identity"))
            let name = Fingerprint(key: try #require(ContentID(bytes: Array(secret))))("default\nanthropic:req:a")
            let slot = Int64(bitPattern: name.high)
            for taken in [slot, slot &+ 1] {
                try database.execute(
                    sql: "INSERT INTO call_key (slot, mark, call) VALUES (?, ?, 99)",
                    arguments: [taken, Int64(bitPattern: name.low) ^ 1])
            }
            return name
        }
        var producer = Producer()
        for (id, channel) in [(UInt64(1), Channel.log), (2, .span)] {
            var report = Telemetry.report(id, keys: ["req:a"], output: 5)
            report.channel = channel
            try DedupeStore(folder: folder.path).apply([producer.frame([report])])
        }
        let standing = try DedupeStore(folder: folder.path).standing()
        #expect(standing.values.map(\.evidence.items.count) == [2])
        let slots = try DatabaseQueue(path: folder.path + "/dedupe.sqlite").read { database in
            try Int64.fetchAll(
                database, sql: "SELECT slot FROM call_key WHERE mark = ?", arguments: [Int64(bitPattern: name.low)])
        }
        #expect(slots == [Int64(bitPattern: name.high) &+ 2])
    }

    @Test func `a chain of joined calls is followed to its end`() throws {
        var producer = Producer()
        // Each further report joins the newest call with the one before, from the youngest to the oldest.
        var reports = (0..<20).map { Telemetry.report(UInt64($0), keys: ["msg:\($0)"], output: 5) }
        for index in (1..<20).reversed() {
            reports.append(
                Telemetry.report(UInt64(100 + index), keys: ["msg:\(index)", "msg:\(index - 1)"], output: 5))
        }
        for report in reports { try DedupeStore(folder: folder.path).apply([producer.frame([report])]) }
        let store = try DedupeStore(folder: folder.path)
        try store.apply([producer.frame([Telemetry.report(999, keys: ["msg:19"], output: 5)])])
        let standing = try store.standing()
        #expect(standing.count == 1)
        #expect(standing.values.first?.key.rawValue == "anthropic:msg:0")
        #expect(standing.values.first?.tokens.output == 5)
    }
}
