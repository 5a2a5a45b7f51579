import Metering
import Reporting
import Testing

@Suite struct `A read plan` {
    private func plan(_ query: String) throws -> ReadPlan {
        ReadPlan(try UsageRequest(Samples.parameters(query), zone: Samples.zone))
    }

    /// The nanoseconds a step covers.
    private func span(_ step: ReadPlan.Step) -> Range<Int64> {
        let second: Int64 = 1_000_000_000
        switch step {
        case .localDays(let first, let end, let zone, _):
            let start = { (day: Int64) in zone.start(of: CivilDay(daysSinceEpoch: Int(day))).nanoseconds }
            return start(first)..<start(end)
        case .days(let first, let end, _): return first * 86_400 * second..<end * 86_400 * second
        case .quarters(let first, let end, _, _): return first * 900 * second..<end * 900 * second
        case .charges(let first, let end, _, _), .sessions(let first, let end): return first..<end
        }
    }

    @Test(arguments: [
        "since=2026-03-01&until=2026-03-31",
        "since=2026-03-01&until=2026-03-31&group_by=day",
        "since=2026-03-01&until=2026-03-31&group_by=day&timezone=Europe/Berlin",
        "since=2026-03-01&until=2026-03-31&group_by=hour&timezone=Asia/Kolkata",
        "since=2026-03-01T10:07:03.5Z&until=2026-03-31T00:00:00.000000001Z&group_by=month&timezone=Europe/Berlin",
        "since=2026-03-01T10:07:03Z&until=2026-03-01T10:08:00Z",
        "since=2026-03-01T10:07:03Z&until=2026-03-01T10:16:00Z&group_by=model",
        "since=2026-03-29&until=2026-03-29&group_by=day&timezone=Asia/Beirut",
    ])
    func `covers the range once, without a gap`(query: String) throws {
        let request = try UsageRequest(Samples.parameters(query), zone: Samples.zone)
        let spans = ReadPlan(request).steps.map(span).sorted { $0.lowerBound < $1.lowerBound }
        #expect(spans.first?.lowerBound == request.since?.nanoseconds)
        #expect(spans.last?.upperBound == request.until?.nanoseconds)
        for (earlier, later) in zip(spans, spans.dropFirst()) { #expect(earlier.upperBound == later.lowerBound) }
    }

    @Test func `everything by model is read from days alone`() throws {
        #expect(
            try plan("group_by=model").steps == [.localDays(first: .min, end: .max, zone: .utc, grain: .whole)])
    }

    @Test func `whole days of any zone are read as days, what a range cuts off them from quarter hours`() throws {
        #expect(
            try plan("group_by=day&since=2026-03-01&until=2026-03-02").steps == [
                .localDays(first: 20_513, end: 20_515, zone: .utc, grain: .day)
            ])
        let steps = try plan("group_by=day&timezone=Asia/Kolkata&since=2026-03-01&until=2026-03-02T06:00:00Z").steps
        #expect(
            steps == [
                .localDays(first: 20_513, end: 20_514, zone: Samples.kolkata, grain: .day),
                .quarters(first: 1_969_322, end: 1_969_368, offset: 19_800, grain: .day),
            ])
    }

    @Test func `days that are not kept are read from quarter hours, those of UTC from its day sums`() {
        #expect(
            ReadPlan.lowered(first: 20_513, end: 20_515, zone: .utc, grain: .day) == [
                .days(first: 20_513, end: 20_515, grain: .day)
            ])
        #expect(
            ReadPlan.lowered(first: 20_513, end: 20_515, zone: Samples.kolkata, grain: .day) == [
                .quarters(first: 1_969_226, end: 1_969_418, offset: 19_800, grain: .day)
            ])
    }

    @Test func `sessions are read from their own sums unless time is cut too`() throws {
        #expect(try plan("group_by=session,model").steps == [.sessions(first: .min, end: .max)])
        #expect(try plan("session=s1").isBySession == false)
        guard case .charges(_, _, _, .day) = try plan("group_by=session,day").steps.first else {
            Issue.record("a session by day must be read from charges")
            return
        }
    }
}
