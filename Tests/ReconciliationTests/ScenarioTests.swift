// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Metering
import Reconciliation
import Support
import Testing

/// The tables in `Fixtures/scenarios`: each rule, and each trap it guards against, as text.
@Suite struct ScenarioTests {
    @Test(arguments: try Scenario.all())
    func `comes out as the table says, in any order and with repetition`(scenario: Scenario) throws {
        let given = scenario.observations
        var dice = Dice(seed: 1)
        var orders = [given, given.reversed()]
        for _ in 0..<20 { orders.append((given + given).shuffled(using: &dice)) }
        for order in orders {
            for isSettledAtOnce in [false, true] {
                try check(scenario, order, isSettledAtOnce: isSettledAtOnce)
            }
        }
    }

    private func check(_ scenario: Scenario, _ order: [Observation], isSettledAtOnce: Bool) throws {
        let policy = scenario.tables["policy"]?.first?["policy"].flatMap(ResidualPolicy.init)
        var reconciler = Reconciler(state: MemoryState(), policy: policy ?? .authority)
        var consumer = RevisionConsumer()
        func settle() {
            for scope in reconciler.state.unsettledScopes {
                if let transaction = reconciler.settle(scope) { consumer.apply(transaction) }
            }
        }
        for observation in order {
            if case .changed(let transaction) = reconciler.accept(observation) { consumer.apply(transaction) }
            if isSettledAtOnce { settle() }
        }
        settle()
        for scope in policy == nil ? [] : reconciler.state.unreportedScopes {
            if let transaction = reconciler.report(scope) { consumer.apply(transaction) }
        }

        let expected = scenario.tables["then", default: []].map(Row.init)
        let calls = consumer.valid
        #expect(calls.count == expected.count, "exactly the calls of the table")
        for row in expected {
            let name = CallName(tenant: row.scope.tenant, key: row.key)
            let estimate = calls.values.first { $0.quality == .estimated && $0.scope == row.scope }
            let call = try #require(row["key"] == "estimate" ? estimate : calls[name], "\(row["key"]!) is counted")
            for column in scenario.headers["then", default: []] where column != "key" && column != "source" {
                #expect(Row.cell(column, of: call) == row.expected(column), "\(row["key"]!), column \(column)")
            }
        }
        for row in scenario.tables["residual", default: []].map(Row.init) {
            let record = reconciler.reconciliation(of: row.scope)
            let coverage = record.coverage.first { $0.field == row["field"] }
            #expect(coverage.map { "\($0.aggregates)" } == row["aggregates"])
            #expect(coverage.map { "\($0.calls)" } == row["calls"])
            #expect(coverage.map { "\($0.residual)" } == row["residual"])
        }
    }

    @Test func `every file is found`() throws {
        #expect(try Scenario.all().count >= 80)
    }
}
