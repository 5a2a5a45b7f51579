import Metering
import Reconciliation
import Support
import Testing

/// What consumers are told, and when.
@Suite struct ReconcilerTests {
    private static let scope = Scope(
        tenant: Scope.defaultTenant, harness: Harness(rawValue: "claude-code"), session: "s1")

    private static func report(
        _ id: UInt64, _ channel: Channel = .log, keys: [String], output: Int64? = nil, cost: Int64? = nil
    ) -> Observation {
        Observation(
            id: ContentID(high: 1, low: id), harness: scope.harness, session: scope.session, channel: channel,
            source: "p", eventTime: Timestamp(seconds: Int64(id)), receivedTime: Timestamp(seconds: 0),
            content: .call(
                keys: keys.map { CallKey(rawValue: "anthropic:" + $0) }, tokens: TokenCounts(output: output),
                cost: cost.map(Amount.init(picodollars:))))
    }

    private static func point(
        _ id: UInt64, _ measure: AggregatePoint.Measure = .tokens(.output, within: nil), group: UInt64 = 1,
        start: Int64 = 0, end: Int64, value: Int64, temporality: AggregatePoint.Temporality = .delta
    ) -> Observation {
        let series = ContentID(high: group, low: measure == .cost ? 2 : 1)
        return Observation(
            id: ContentID(high: 2, low: id), harness: scope.harness, session: scope.session, channel: .metric,
            source: "p", eventTime: Timestamp(seconds: end), receivedTime: Timestamp(seconds: 0),
            content: .aggregate(
                AggregatePoint(
                    series: series, group: ContentID(high: group, low: 0), measure: measure,
                    start: Timestamp(seconds: start), end: Timestamp(seconds: end), temporality: temporality,
                    value: value)))
    }

    private static func calls(_ outcome: Outcome) -> [Call] {
        if case .changed(let transaction) = outcome { transaction.calls } else { [] }
    }

    @Test func `the same observation again says nothing`() {
        var reconciler = Reconciler(state: MemoryState())
        let report = Self.report(1, keys: ["req:a"], output: 5)
        let (first, second) = (reconciler.accept(report), reconciler.accept(report))
        #expect(Self.calls(first).map(\.revision) == [1])
        #expect(second == .duplicate)
        let point = Self.point(1, end: 60, value: 10)
        let (third, fourth) = (reconciler.accept(point), reconciler.accept(point))
        #expect(third == .waiting([Self.scope]))
        #expect(fourth == .duplicate)
    }

    @Test func `an aggregate waits, is settled once, and then says nothing`() throws {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.point(1, end: 60, value: 10))
        _ = reconciler.accept(Self.point(2, start: 60, end: 120, value: 5))
        let first = reconciler.settle(Self.scope)
        let settled = try #require(first)
        #expect(settled.calls.map(\.tokens.output) == [15])
        #expect(settled.calls.map(\.quality) == [.aggregate])
        let again = reconciler.settle(Self.scope)
        #expect(again == nil)
    }

    @Test func `an aggregate whose calls came in time is never told`() {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.point(1, end: 60, value: 10))
        _ = reconciler.accept(Self.report(1, keys: ["req:a"], output: 10))
        let settled = reconciler.settle(Self.scope)
        #expect(settled == nil)
    }

    @Test func `a late call and the aggregates it displaces are one transaction`() throws {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.point(1, end: 60, value: 10))
        _ = reconciler.accept(Self.point(2, .cost, end: 60, value: 7))
        _ = reconciler.accept(Self.point(3, end: 7000, value: 20))
        _ = reconciler.settle(Self.scope)
        let calls = Self.calls(reconciler.accept(Self.report(1, keys: ["req:a"], output: 30)))
        try #require(calls.count == 3)
        // The first hour keeps its cost, the second has nothing left.
        #expect(calls[0].tokens.output == nil && calls[0].reportedCost == Amount(picodollars: 7))
        #expect(!calls[0].isRetracted && calls[0].reason == .superseded)
        #expect(calls[1].isRetracted && calls[1].revision == 2)
        #expect(calls[2].key.rawValue == "anthropic:req:a" && calls[2].tokens.output == 30)
        let another = Self.calls(reconciler.accept(Self.report(2, keys: ["req:b"], output: 1)))
        #expect(another.count == 1, "what is owned already displaces nothing")
    }

    @Test func `a call displaces what consumers count, not what still waits`() throws {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.point(1, end: 60, value: 10))
        _ = reconciler.settle(Self.scope)
        _ = reconciler.accept(Self.point(2, .cost, group: 2, end: 60, value: 7))
        let calls = Self.calls(reconciler.accept(Self.report(1, keys: ["req:a"], output: 30)))
        #expect(calls.map(\.isRetracted) == [true, false])
        let settled = reconciler.settle(Self.scope)
        #expect(settled?.calls.map(\.reportedCost) == [Amount(picodollars: 7)])
    }

    @Test func `an aggregate taken back continues its revisions when it comes again`() throws {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.point(1, end: 60, value: 10))
        let settled = reconciler.settle(Self.scope)
        let first = try #require(settled?.calls.first)
        _ = reconciler.accept(Self.report(1, keys: ["req:a"], output: 30))
        _ = reconciler.accept(Self.point(2, .cost, end: 60, value: 7))
        let resettled = reconciler.settle(Self.scope)
        let third = try #require(resettled?.calls.first)
        #expect(third.number == first.number && third.key == first.key)
        #expect(third.revision == 3 && third.reportedCost == Amount(picodollars: 7) && third.tokens.output == nil)
    }

    @Test func `a better key takes the place of the key a call had`() throws {
        var reconciler = Reconciler(state: MemoryState())
        let first = Self.calls(reconciler.accept(Self.report(1, .span, keys: ["creq:c"], output: 30)))
        let second = Self.calls(reconciler.accept(Self.report(2, keys: ["creq:c", "req:a"], output: 30)))
        try #require(first.count == 1 && second.count == 2)
        #expect(second[0].key == first[0].key && second[0].number == first[0].number)
        #expect(second[0].isRetracted && second[0].revision == 2 && second[0].tokens == TokenCounts())
        #expect(second[1].key.rawValue == "anthropic:req:a" && second[1].revision == 1 && second[1].reason == .merged)
        #expect(second[1].number != first[0].number)
        #expect(second[0].replacement == second[1].key)
    }

    @Test func `when two calls are one, the loser is taken back in the same transaction`() throws {
        var reconciler = Reconciler(state: MemoryState())
        let log = Self.calls(reconciler.accept(Self.report(1, keys: ["req:a"], output: 30)))
        let response = Self.calls(reconciler.accept(Self.report(2, .response, keys: ["msg:m"], output: 30)))
        let joined = Self.calls(reconciler.accept(Self.report(3, .transcript, keys: ["msg:m", "req:a"], output: 30)))
        try #require(joined.count == 2)
        #expect(joined[0].key == response[0].key && joined[0].isRetracted && joined[0].reason == .merged)
        #expect(joined[0].replacement == log[0].key && joined[1].replacement == nil)
        #expect(joined[1].key == log[0].key && joined[1].number == log[0].number && joined[1].revision == 2)
        #expect(joined[1].evidence.items.count == 3)
        let later = Self.calls(reconciler.accept(Self.report(4, .span, keys: ["msg:m"], output: 31)))
        #expect(later.map(\.key) == [log[0].key], "a key bound to the loser finds the survivor")
    }

    @Test func `what calls own is shown as superseded, and the rest as residual`() throws {
        var reconciler = Reconciler(state: MemoryState())
        _ = reconciler.accept(Self.report(1, keys: ["req:a"], output: 30))
        _ = reconciler.accept(Self.report(2, .transcript, keys: ["req:a"], output: 30))
        _ = reconciler.accept(Self.report(3, .span, keys: ["req:a"], output: 28))
        _ = reconciler.accept(Self.point(1, end: 60, value: 50))
        let record = reconciler.reconciliation(of: Self.scope)
        let rows = record.entries.map {
            "\($0.channel) \($0.seen) \($0.counted) \($0.duplicate) \($0.conflicting) \($0.superseded)"
        }
        #expect(rows == ["log 30 30 0 0 0", "span 28 0 0 28 0", "transcript 30 0 30 0 0", "metric 50 0 0 0 50"])
        #expect(record.coverage.map(\.residual) == [20])
        #expect(record.owned == ["output"])
    }

    @Test func `whoever a point changes waits too: the fork of its total, and its source's counters without a session`()
    {
        var reconciler = Reconciler(state: MemoryState())
        var fork = Self.point(1, group: 2, end: 120, value: 30, temporality: .highWater)
        let parted = AggregatePoint.Baseline(series: ContentID(high: 1, low: 1), at: Timestamp(seconds: 90))
        fork.session = "fork"
        var counter = Self.point(2, group: 3, end: 60, value: 30)
        counter.session = nil
        for observation in [fork, counter] {
            _ = reconciler.accept(observation)
            #expect(reconciler.settle(observation.scope) != nil)
        }
        // The same point once more, now with the total it began from.
        if case .aggregate(var point) = fork.content {
            point.baseline = parted
            fork.content = .aggregate(point)
        }
        #expect(reconciler.accept(fork) == .waiting([fork.scope]))
        let parent = reconciler.accept(Self.point(3, end: 60, value: 10, temporality: .highWater))
        #expect(parent == .waiting([Self.scope, fork.scope]))
        var result = Self.point(4, group: 4, end: 60, value: 30)
        result.channel = .result
        #expect(reconciler.accept(result) == .waiting([Self.scope, counter.scope]))
    }

    @Test func `a call that displaces an aggregate leaves the estimate of its session standing`() throws {
        var reconciler = Reconciler(state: MemoryState(), policy: .fill)
        _ = reconciler.accept(Self.report(1, keys: ["req:a"], output: 30))
        _ = reconciler.accept(Self.point(1, end: 60, value: 50))
        _ = reconciler.accept(Self.point(2, .cost, end: 60, value: 10))
        _ = reconciler.settle(Self.scope)
        let report = reconciler.report(Self.scope)
        let booked = try #require(report)
        #expect(booked.calls.map(\.quality) == [.estimated])
        let calls = Self.calls(reconciler.accept(Self.report(2, keys: ["req:b"], cost: 4)))
        let told = calls.map {
            "\($0.quality) \($0.isRetracted) \($0.tokens.output ?? -1) \($0.reportedCost?.picodollars ?? -1)"
        }
        #expect(Set(told) == ["aggregate true -1 -1", "exact false -1 4", "estimated false 20 6"])
    }
}
