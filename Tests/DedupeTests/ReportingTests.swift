import Metering
import Pipeline
import Reconciliation
import Testing
import Wire

@testable import DedupeService

/// Reconciliation records on their way to consumers: only what changed, and nothing forgotten over a restart.
@Suite struct ReportingTests {
    private static let start = MonotonicInstant(nanoseconds: 0)
    private static let scopes = (0..<5).map {
        Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s\($0)")
    }

    @Test func `a scope is reported once after its first change, oldest first`() {
        var queue = ReportQueue(delay: .seconds(15))
        queue.refill([], isAll: true, at: Self.start)
        queue.add([Self.scopes[0]], at: Self.start)
        queue.add([Self.scopes[1], Self.scopes[0]], at: Self.start + .seconds(10))
        #expect(queue.due(at: Self.start + .seconds(14), limit: 9).isEmpty)
        #expect(queue.due(at: Self.start + .seconds(15), limit: 9) == [Self.scopes[0]])
        queue.add([Self.scopes[0]], at: Self.start + .seconds(16))
        #expect(queue.due(at: Self.start + .seconds(40), limit: 1) == [Self.scopes[1]])
        #expect(queue.due(at: Self.start + .seconds(40), limit: 9) == [Self.scopes[0]])
        #expect(queue.deadline == nil)
        #expect(!queue.isHungry)
    }

    @Test func `what does not fit in memory is asked of the store`() {
        var queue = ReportQueue(delay: .zero)
        #expect(queue.isHungry, "at the start the store may know of more")
        queue.refill(Array(Self.scopes.prefix(2)), isAll: false, at: Self.start)
        #expect(!queue.isHungry)
        #expect(queue.due(at: Self.start, limit: 9).count == 2)
        #expect(queue.isHungry)
        queue.refill([], isAll: true, at: Self.start)
        #expect(!queue.isHungry)
    }

    @Test func `a record is handed on when it changed, with the next revision, over restarts too`() throws {
        let folder = try TestFolder()
        var producer = Producer()
        let first = Telemetry.report(1, keys: ["req:a"], output: 30)
        var records: [ReconciliationRecord] = []
        for (batch, reports) in [[first], [first], [Telemetry.report(2, keys: ["req:b"], output: 5)]].enumerated() {
            let store = try DedupeStore(folder: folder.path)
            try store.apply([producer.frame(reports)])
            let unreported = try store.unreportedScopes(limit: 10)
            #expect(unreported == (batch == 1 ? [] : [first.scope]))
            try store.commit { commit in
                for scope in unreported { try commit.report(scope) }
                for scope in unreported { try commit.report(scope) }
            }
            #expect(try store.unreportedScopes(limit: 10).isEmpty)
            records = try store.handedOn().flatMap { event in
                var json = JSONReader(event)
                return try CallTransaction(from: &json).reconciliations
            }
            #expect(store.tally[.reconciliations] == Int64(records.count))
        }
        #expect(records.map(\.revision) == [1, 2])
        #expect(records.map { $0.entries.map(\.counted) } == [[30], [35]])
        #expect(records.last?.scope == first.scope)
        #expect(records.last?.owned == ["output"])
    }
}
