import Ledger
import Metering
import Reporting
import Testing

@Suite struct `A charge's part in totals` {
    private let tokens = TokenCounts(uncachedInput: 10, output: 5, reasoning: 3)

    @Test func `is its tokens, one call, and its costs side by side`() throws {
        let usage = ChargeFacts(try Samples.charge(tokens: tokens, reported: "0.3", computed: "0.2")).usage(.perCharge)
        #expect((usage.calls, usage.charges) == (1, 1))
        #expect(usage.tokens.total == 15)
        #expect(usage.cost(.auto).description == "0.3")
        #expect(usage.cost(.reported).description == "0.3")
        #expect(usage.cost(.computed).description == "0.2")
        #expect(usage.withoutCost(.auto) == .init())
    }

    @Test func `has no call where it is an aggregate`() throws {
        let aggregate = try Samples.charge(tokens: tokens, reported: "1", quality: .aggregate)
        let facts = ChargeFacts(aggregate)
        #expect(facts.marks.contains(.carriesScopeCost))
        #expect(facts.usage(.reportedAlone).calls == 0)
        #expect(facts.usage(.reportedAlone).charges == 1)
    }

    @Test func `costs nothing of its own in auto mode where an aggregate carries the session's cost`() throws {
        let usage = ChargeFacts(try Samples.charge(tokens: tokens, computed: "0.2")).usage(.reportedAlone)
        #expect(usage.cost(.auto) == .zero)
        #expect(usage.cost(.computed).description == "0.2")
    }

    @Test func `states what has no price`() throws {
        let usage = ChargeFacts(try Samples.charge(tokens: tokens)).usage(.perCharge)
        #expect(usage.unpriced == .init(charges: 1, tokens: 15))
        #expect(usage.withoutCost(.auto) == .init(charges: 1, tokens: 15))
        let reported = ChargeFacts(try Samples.charge(tokens: tokens, reported: "0.1")).usage(.perCharge)
        #expect(reported.unpriced.charges == 1)
        #expect(reported.withoutCost(.auto).charges == 0)
    }

    @Test(arguments: [true, false])
    func `is nothing where it was taken back or is no call`(isRetracted: Bool) throws {
        var charge = try Samples.charge(tokens: tokens, reported: "0.3", computed: "0.2")
        charge.call.isRetracted = isRetracted
        if !isRetracted { charge.rating.status = .notACall }
        #expect(ChargeFacts(charge).usage(.perCharge).isZero)
        let delta = ChargeFacts(try Samples.charge(tokens: tokens, reported: "0.3", computed: "0.2"))
            .delta(to: ChargeFacts(charge))
        #expect(delta.calls == -1)
        #expect(delta.tokens == TokenCounts(uncachedInput: -10, output: -5, reasoning: -3))
        #expect(delta.reportedCost.description == "-0.3")
        #expect(delta.computedCost.description == "-0.2")
    }

    @Test(arguments: [-1, 1_000_000_000_001, Int64.max])
    func `is refused where counts cannot be true`(count: Int64) throws {
        #expect(!ChargeFacts(try Samples.charge(tokens: TokenCounts(output: count))).isPlausible)
        #expect(ChargeFacts(try Samples.charge(tokens: TokenCounts(output: 1_000_000_000_000))).isPlausible)
    }
}
