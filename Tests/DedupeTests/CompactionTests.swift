import Metering
import Pipeline
import Reconciliation
import Support
import Testing
import Wire

@testable import DedupeService

/// Calls that rest keep what late duplicates and late channels need, and nothing more.
@Suite struct CompactionTests {
    private let folder: TestFolder
    private static let day = Timestamp(seconds: 20_000 * 86_400)
    private static let later = Timestamp(seconds: 20_050 * 86_400)

    init() throws {
        folder = try TestFolder()
    }

    private static func commit(_ store: DedupeStore, _ frames: [[UInt8]], at time: Timestamp) throws {
        var arrivals = Arrivals()
        for frame in frames { arrivals.append(frame) }
        try store.commit(at: time) { commit in
            for arrival in arrivals.batches { try commit.apply(arrival, at: time) }
        }
    }

    @Test func `late duplicates change nothing, a late channel merges, and the store is smaller`() throws {
        var producer = Producer()
        let telemetry = Telemetry(calls: 200, seed: 3)
        var store: DedupeStore? = try DedupeStore(folder: folder.path)
        try Self.commit(try #require(store), [producer.frame(telemetry.observations)], at: Self.day)
        try store?.apply([], settling: try #require(store).unsettledScopes())
        let before = try #require(store).standing().mapValues(\.tokens)
        let events = try #require(store).outbox.next
        let bytes = try #require(store).callBytes()

        // A commit of a later day marks the day, and everything of the first day rests.
        try store?.commit(at: Self.later) { _ in }
        var position: Int64 = 0
        while let next = try store?.compact(restingSince: 20_005, after: position, limit: 64) { position = next }
        let left = try #require(store).callBytes()
        #expect(left < bytes, "\(bytes) before")

        store = nil
        store = try DedupeStore(folder: folder.path)
        var dice = Dice(seed: 3)
        let again = telemetry.observations.shuffled(using: &dice)
        try Self.commit(try #require(store), [producer.frame(again)], at: Self.later)
        #expect(store?.outbox.next == events, "a duplicate says nothing")
        #expect(try #require(store).standing().mapValues(\.tokens) == before)

        var late = Telemetry.report(9_000_001, session: "s1", keys: ["req:r1", "resp:late"], output: 77)
        late.channel = .response
        late.authority = 0
        try Self.commit(try #require(store), [producer.frame([late])], at: Self.later)
        let standing = try #require(store).standing().values
        let merged = try #require(standing.first { $0.key.rawValue.hasSuffix("req:r1") })
        #expect(merged.tokens.output == 77, "the channel that is believed first counts, however late")
        #expect(merged.quality == .merged)
        #expect(merged.revision > 1)
    }

    @Test func `a report without a model is the same again after another one's model was kept with it`() throws {
        var producer = Producer()
        let nameless = Telemetry.report(1, keys: ["req:r"], output: 5)
        var named = Telemetry.report(2, keys: ["req:r"], output: 5)
        named.channel = .span
        named.model = "m"
        named.reportedModel = "m"
        let store = try DedupeStore(folder: folder.path)
        try Self.commit(store, [producer.frame([nameless, named])], at: Self.day)
        try store.apply([], settling: store.unsettledScopes())
        try store.commit(at: Self.later) { _ in }
        _ = try store.compact(restingSince: 20_005, after: 0, limit: 64)
        try Self.commit(store, [producer.frame([nameless, named])], at: Self.later)
        #expect(store.tally[.deadLetters] == 0 && store.tally[.duplicates] == 2)
        #expect(try store.standing().values.map(\.model) == ["m"])
    }

    @Test func `a call that a log has joined keeps it, its session and its figures when it is told once more`() throws {
        func report(_ id: UInt64, _ channel: Channel, _ session: String, _ key: String, isPaired: Bool) -> Observation {
            var report = Telemetry.report(id, session: session, keys: [key], output: 40)
            report.channel = channel
            report.authority = channel.defaultAuthority
            report.pairing = isPaired ? ContentID(high: 5, low: 5) : nil
            return report
        }
        var log = report(1, .log, "s1", "rec:l", isPaired: true)
        log.content = .call(
            keys: [CallKey(rawValue: "anthropic:rec:l")], tokens: TokenCounts(output: 40), cost: Amount(picodollars: 9))
        let file = report(2, .transcript, "s1", "resp:a", isPaired: true)
        let answer = report(3, .response, "s2", "resp:a", isPaired: false)
        // Neither the earliest nor the only one that names a model is kept whole.
        var span = report(0, .span, "s0", "resp:a", isPaired: false)
        span.model = "m"
        span.content = .call(
            keys: [CallKey(rawValue: "anthropic:resp:a")], tokens: TokenCounts(output: 40, reasoning: 3), cost: nil)

        var producer = Producer()
        let store = try DedupeStore(folder: folder.path)
        try Self.commit(store, [producer.frame([log, file, answer, span])], at: Self.day)
        try store.commit(at: Self.later) { _ in }
        let whole = try store.callBytes()
        _ = try store.compact(restingSince: 20_005, after: 0, limit: 64)
        #expect(try store.callBytes() != whole, "it was compacted")
        let late = report(5, .span, "s3", "resp:a", isPaired: false)
        try Self.commit(store, [producer.frame([late])], at: Self.later)

        let standing = try store.standing().values
        let call = try #require(standing.first)
        #expect(standing.count == 1)
        #expect(call.revision > 1)
        #expect(call.scope.session == "s0")
        #expect(call.model == "m")
        #expect(call.tokens == TokenCounts(output: 40, reasoning: 3))
        #expect(call.reportedCost == Amount(picodollars: 9))
    }

    @Test func `what is not idle stays as it is`() throws {
        var producer = Producer()
        let store = try DedupeStore(folder: folder.path)
        try Self.commit(store, [producer.frame(Telemetry(calls: 50, seed: 4).observations)], at: Self.day)
        let bytes = try store.callBytes()
        #expect(try store.compact(restingSince: 19_999, after: 0, limit: 1000) == nil)
        #expect(try store.callBytes() == bytes)
        // The sessions go on fifty days later: their calls are looked at, and left.
        let again = (0..<5).map {
            Telemetry.report(UInt64(8_000_000 + $0), session: "s\($0)", keys: ["req:n\($0)"], output: 1)
        }
        try Self.commit(store, [producer.frame(again)], at: Self.later)
        let grown = try store.callBytes()
        _ = try store.compact(restingSince: 20_005, after: 0, limit: 1000)
        #expect(try store.callBytes() == grown)
    }

    @Test func `the work is spread over pauses, and done once a day`() {
        let start = MonotonicInstant(nanoseconds: 0)
        var schedule = CompactionSchedule(idleDays: 45)
        #expect(schedule.due(at: start, today: 100)?.day == 55)
        schedule.advance(to: 12, at: start, today: 100)
        #expect(schedule.due(at: start, today: 100) == nil)
        #expect(schedule.due(at: start + CompactionSchedule.pause, today: 100)?.after == 12)
        schedule.advance(to: nil, at: start, today: 100)
        #expect(schedule.due(at: start + .seconds(3600), today: 100) == nil)
        #expect(schedule.due(at: start + .seconds(3600), today: 101)?.after == 0)
        #expect(CompactionSchedule(idleDays: nil).due(at: start, today: 100) == nil)
    }
}
