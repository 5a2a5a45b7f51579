import Ledger
import Metering
import Reporting
import Testing
import Wire

@Suite struct `An explanation` {
    private func charge() throws -> Charge {
        var charge = try Samples.charge(
            tokens: TokenCounts(uncachedInput: 6, cacheWrite5m: 83_842, output: 6, reasoning: 2), computed: "0.5341925")
        charge.rating.costByClass = [
            .uncachedInput: Amount(picodollars: 30_000_000), .cacheWrite5m: Amount(picodollars: 524_012_500_000),
            .output: Amount(picodollars: 150_000_000),
        ]
        charge.rating.fees = Amount(picodollars: 10_000_000_000)
        return charge
    }

    private func explanation(_ charge: Charge) throws -> Explanation {
        let change = Change(
            epoch: "e", sequence: 3, transactionEnd: 3, recordedTime: Timestamp(seconds: 1), charge: charge,
            delta: ChargeFacts.nothing.delta(to: ChargeFacts(charge)))
        return try Explanation(revisions: [change.json], rule: .perCharge)
    }

    @Test func `shows the arithmetic by class, exactly`() throws {
        let explanation = try explanation(charge())
        #expect(explanation.lines.map(\.tokenClass) == [.uncachedInput, .cacheWrite5m, .output])
        #expect(explanation.lines.map { $0.ratePerMillion?.description } == ["5", "6.25", "25"])
        #expect(explanation.isConsistent)
    }

    @Test func `holds the charge and its revisions as they were published`() throws {
        let text = String(decoding: try explanation(charge()).json(epoch: "e", sequence: 9), as: UTF8.self)
        #expect(text.hasPrefix(#"{"v":1,"epoch":"e","seq":9,"charge":{"number":1,"key":"test:req:1","revision":1,"#))
        #expect(
            text.contains(#"{"class":"cache_write_5m","tokens":83842,"usd_per_million":"6.25","cost":"0.5240125"}"#))
        #expect(text.contains(#""revisions":[{"v":1,"epoch":"e","seq":3,"#))
        #expect(throws: JSONError.self) { try Explanation(revisions: [], rule: .perCharge) }
    }

    @Test func `notices costs that do not add up`() throws {
        var charge = try charge()
        charge.rating.fees = nil
        #expect(try !explanation(charge).isConsistent)
    }
}
