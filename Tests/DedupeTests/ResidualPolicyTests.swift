import Metering
import Pipeline
import Reconciliation
import Testing
import Wire

@testable import DedupeService

/// What counters say beyond calls, as the service books it under each policy.
@Suite struct ResidualPolicyTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Opens the store, takes in reports, settles, reports what is unreported, and gives what stands then.
    private func run(
        _ policy: ResidualPolicy, _ reports: [Observation], _ producer: inout Producer
    ) throws -> [Call] {
        let store = try DedupeStore(folder: folder.path, policy: policy)
        try store.apply([producer.frame(reports)], settling: reports.map(\.scope))
        let unreported = try store.unreportedScopes(limit: 10)
        try store.commit { commit in
            for scope in unreported { try commit.report(scope) }
        }
        return try store.standing().values.sorted { $0.number < $1.number }
    }

    @Test func `an estimate stands for what is missing, shrinks at once, and goes with its policy`() throws {
        var producer = Producer()
        let counter = Telemetry.point(1, value: 100)
        let first = try run(.fill, [counter, Telemetry.report(2, keys: ["req:a"], output: 30)], &producer)
        #expect(first.map(\.tokens.output) == [30, 70])
        #expect(first.map(\.quality) == [.exact, .estimated])
        #expect(first.last?.evidence.items.map(\.rule) == ["residual-fill", "field-ownership"])

        // Not even between a call and the report after it is anything counted twice.
        let store = try DedupeStore(folder: folder.path, policy: .fill)
        let before = store.outbox.next
        try store.apply([producer.frame([Telemetry.report(3, keys: ["req:b"], output: 50)])])
        #expect(store.outbox.next == before + 1)
        let event = try #require(try store.handedOn().last)
        var json = JSONReader(event)
        let changed = try CallTransaction(from: &json).calls
        #expect(Set(changed.map(\.tokens.output)) == [20, 50])
    }

    @Test func `another policy takes estimates back, and books them again`() throws {
        var producer = Producer()
        let reports = [Telemetry.point(1, value: 100), Telemetry.report(2, keys: ["req:a"], output: 30)]
        #expect(try run(.fill, reports, &producer).map(\.tokens.output) == [30, 70])
        #expect(try run(.authority, [], &producer).map(\.tokens.output) == [30])
        #expect(try run(.fill, [], &producer).map(\.tokens.output) == [30, 70])
    }

    @Test func `sessions that nobody named are not estimated`() throws {
        var producer = Producer()
        var counter = Telemetry.point(1, value: 100)
        counter.session = nil
        let calls = try run(.fill, [counter, Telemetry.report(2, keys: ["req:a"], output: 30)], &producer)
        #expect(!calls.contains { $0.quality == .estimated })
    }
}
