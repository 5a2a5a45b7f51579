import Metering
import Reconciliation
import Support
import Testing

/// One call may be reported without end; what is remembered of it has an end, and order still does not matter.
@Suite struct CallRecordTests {
    private static let key = CallKey(space: "anthropic", kind: .request, value: "r")

    private static func reports(_ count: Int) -> [Observation] {
        (0..<count).map { index in
            let tokens = TokenCounts(uncachedInput: Int64(index * 13 % 101), output: Int64(index * 17 % 103))
            return Observation(
                id: ContentID(high: UInt64(index) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(index)),
                harness: Harness(rawValue: "claude-code"), session: "s\(index % 7)", channel: .transcript, source: "p",
                eventTime: Timestamp(seconds: Int64(index * 37 % 1000)), receivedTime: Timestamp(seconds: 0),
                content: .call(keys: [key], tokens: tokens, cost: nil))
        }
    }

    private static func record(_ reports: [Observation]) -> CallRecord {
        var record = CallRecord(Report(reports[0]), key: key)
        for report in reports.dropFirst() { record.insert(Report(report), key: key) }
        return record
    }

    @Test func `figures stay exact and memory bounded past the bound, in any order`() {
        let reports = Self.reports(500)
        let record = Self.record(reports)
        #expect(record.reports.count == CallRecord.maximumReports)
        #expect(record.folded.count == 500 - CallRecord.maximumReports)
        var dice = Dice(seed: 7)
        for _ in 0..<5 {
            let shuffled = Self.record((reports + reports).shuffled(using: &dice))
            #expect(shuffled == record)
        }
        #expect(reports.allSatisfy { record.contains($0.id) })
    }

    @Test func `joining records in any order gives the record of all reports`() {
        let reports = Self.reports(300)
        let whole = Self.record(reports)
        var dice = Dice(seed: 8)
        for _ in 0..<5 {
            let parts = reports.shuffled(using: &dice)
            var joined = Self.record(Array(parts[..<90]))
            joined.join(Self.record(Array(parts[200...])))
            joined.join(Self.record(Array(parts[80..<210])))
            #expect(joined == whole)
        }
    }

    @Test func `identities past the last bound are forgotten the same way in any order`() {
        let reports = Self.reports(CallRecord.maximumFolded + 200)
        let record = Self.record(reports)
        #expect(record.folded.count == CallRecord.maximumFolded)
        #expect(Self.record(reports.reversed()) == record)
    }

    @Test func `steps count where they make up what is published, from whichever report`() throws {
        func report(_ id: UInt64, _ channel: Channel, _ parts: [TokenCounts], output: Int64) -> Observation {
            var observation = Observation(
                id: ContentID(high: id, low: 0), harness: Harness(rawValue: "claude-code"), session: "s",
                channel: channel, source: "p", eventTime: Timestamp(seconds: 1), receivedTime: Timestamp(seconds: 0),
                content: .call(keys: [Self.key], tokens: TokenCounts(uncachedInput: 10, output: output), cost: nil))
            observation.billedParts = parts
            return observation
        }
        let parts = [TokenCounts(uncachedInput: 4, output: 2), TokenCounts(uncachedInput: 6, output: 3)]
        let log = report(1, .log, [], output: 5)
        let transcript = report(2, .transcript, parts, output: 5)
        for reports in [[log, transcript], [transcript, log]] {
            #expect(try published(reports).billedParts == parts)
        }
        #expect(try published([report(3, .log, [], output: 6), transcript]).billedParts.isEmpty)
    }

    private func published(_ reports: [Observation]) throws -> Call {
        var reconciler = Reconciler(state: MemoryState())
        var last: Call?
        for report in reports {
            if case .changed(let transaction) = reconciler.accept(report) {
                last = transaction.calls.last
            }
        }
        return try #require(last)
    }

    @Test func `a record survives being written and read`() throws {
        for count in [1, 3, CallRecord.maximumReports, 300] {
            var record = Self.record(Self.reports(count))
            record.published = Published(number: 12, key: Self.key, revision: 34)
            #expect(try CallRecord(json: record.json) == record)
        }
    }

    @Test func `evidence shows sixteen reports and counts the rest`() throws {
        var reconciler = Reconciler(state: MemoryState())
        var last: Call?
        for report in Self.reports(100) {
            if case .changed(let transaction) = reconciler.accept(report) { last = transaction.calls.last }
        }
        let call = try #require(last)
        #expect(call.tokens == TokenCounts(uncachedInput: 100, output: 102))
        #expect(call.evidence.items.count == Evidence.maximumItems)
        #expect(call.evidence.omitted.values.reduce(0, +) == 100 - 16)
        #expect(call.evidence.items.first?.verdict == .counted)
        #expect(call.eventTime == Timestamp(seconds: 999))
        #expect(call.scope.session == "s0", "the session of the earliest report")
    }
}
