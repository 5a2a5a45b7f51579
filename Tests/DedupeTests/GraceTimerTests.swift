import Metering
import Pipeline
import Testing

@testable import DedupeService

/// How long aggregates wait.
@Suite struct GraceTimerTests {
    private static func scope(_ name: String) -> Scope {
        Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: name)
    }

    private static func moment(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func `a scope is due one grace period after its last aggregate`() {
        var timer = GraceTimer(grace: .seconds(15))
        timer.wait(for: Self.scope("a"), at: Self.moment(0))
        timer.wait(for: Self.scope("a"), at: Self.moment(10))
        timer.wait(for: Self.scope("b"), at: Self.moment(12))
        let early = timer.due(at: Self.moment(24), limit: 10)
        #expect(early.isEmpty)
        let first = timer.due(at: Self.moment(25), limit: 10)
        #expect(first == [Self.scope("a")])
        #expect(timer.deadline == Self.moment(27))
        let second = timer.due(at: Self.moment(27), limit: 10)
        #expect(second == [Self.scope("b")])
        #expect(timer.deadline == nil && timer.count == 0)
    }

    @Test func `a scope that never rests is due all the same`() {
        var timer = GraceTimer(grace: .seconds(15))
        var due: [Int64] = []
        for second in Int64(0)...130 {
            timer.wait(for: Self.scope("a"), at: Self.moment(second))
            if !timer.due(at: Self.moment(second), limit: 10).isEmpty { due.append(second) }
        }
        #expect(due == [60, 121])
    }

    @Test func `no more are due at once than asked for, and the rest remains due`() {
        var timer = GraceTimer(grace: .seconds(1))
        for index in 0..<10 { timer.wait(for: Self.scope("\(index)"), at: Self.moment(0)) }
        var scopes: Set<Scope> = []
        var turns: [Int] = []
        while timer.count > 0 {
            let due = timer.due(at: Self.moment(2), limit: 4)
            turns.append(due.count)
            scopes.formUnion(due)
        }
        #expect(turns == [4, 4, 2])
        #expect(scopes.count == 10)
    }
}
