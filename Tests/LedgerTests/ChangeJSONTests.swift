import Ledger
import Metering
import Testing
import Wire

@Suite struct `Ledger events` {
    static func charge() -> Charge {
        let call = Call(
            number: 7, key: CallKey(rawValue: "anthropic:req:r1"), revision: 3, reason: .update,
            scope: Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s"),
            eventTime: Timestamp(seconds: 5), tokens: TokenCounts(uncachedInput: 1, output: 2), quality: .exact)
        var rating = Rating(status: .priced, cost: Amount(picodollars: 12))
        rating.costByClass = [.uncachedInput: Amount(picodollars: 2), .output: Amount(picodollars: 9)]
        rating.fees = Amount(picodollars: 1)
        rating.row = "anthropic/claude-opus-4-6#2"
        rating.priceBookVersion = "2026-11-21"
        rating.pricedModel = "claude-opus-4-6"
        rating.nameRule = "exact"
        rating.isEstimated = true
        rating.assumptions = ["cache_write_lifetime_5m"]
        return Charge(call: call, rating: rating)
    }

    @Test func `charges read back whole, and as a call with a rating spliced in`() throws {
        let transaction = ChargeTransaction(charges: [Self.charge()])
        var json = JSONReader(transaction.json)
        #expect(try ChargeTransaction(from: &json) == transaction)
        #expect(String(decoding: transaction.json, as: UTF8.self).contains(#","rating":{"status":"priced""#))
    }

    @Test func `a charge without a rating is refused`() {
        var json = JSONReader(#"{"charges":[{"number":1}]}"#)
        #expect { _ = try ChargeTransaction(from: &json) } throws: { ($0 as? JSONError)?.member == "rating" }
    }

    @Test func `changes read back whole`() throws {
        let delta = Change.Delta(
            tokens: TokenCounts(output: -2), computedCost: Amount(picodollars: -12), reportedCost: .zero, calls: -1)
        let change = Change(
            epoch: "e", sequence: 9, transactionEnd: 10, recordedTime: Timestamp(seconds: 6), charge: Self.charge(),
            delta: delta)
        var json = JSONReader(change.json)
        #expect(try Change(from: &json) == change)
        #expect(change.operation == .upsert)
    }

    @Test func `a change of another version is refused`() {
        let text = String(
            decoding: Change(
                epoch: "e", sequence: 1, transactionEnd: 1, recordedTime: Timestamp(seconds: 0), charge: Self.charge(),
                delta: Change.Delta(tokens: TokenCounts(), computedCost: .zero, reportedCost: .zero, calls: 0)
            ).json, as: UTF8.self)
        var json = JSONReader(text.replacing(#"{"v":1"#, with: #"{"v":2"#))
        #expect { _ = try Change(from: &json) } throws: { ($0 as? JSONError)?.member == "v" }
    }
}
