import Console
import Ledger
import Metering
import Rating
import Repricing
import Testing
import Wire

@Suite struct RepricingTests {
    private static func sheet(output: String, rest: String = "") throws -> PriceSheet {
        let text = """
            {"format":1,"provider":"anthropic","first_party":true,"version":"v","unit":"USD per million tokens",
            "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
            "cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},"rows":[
            {"model":"opus","rates":{"uncached_input":"1","output":"\(output)"},"source":"s"},
            {"model":"haiku","rates":{"uncached_input":"1","output":"1"},"source":"s",
            "tiers":[{"above":100,"rates":{"output":"3"}}]}]\(rest)}
            """
        return try PriceSheet(decoding: Array(text.utf8), name: "p.json")
    }

    private static func book(output: String) throws -> PriceBook { PriceBook(list: [try sheet(output: output)]) }

    private static func charge(
        _ number: Int64 = 1, model: String = "opus", tokens: TokenCounts = TokenCounts(output: 1_000_000),
        harness: Harness = Harness(rawValue: "claude-code"), by book: PriceBook
    ) -> Charge {
        var call = Call(
            number: number, key: CallKey(rawValue: "anthropic:req:r\(number)"), revision: 3, reason: .update,
            scope: Scope(tenant: "default", harness: harness, session: "s"),
            eventTime: Timestamp(seconds: 1_795_176_000), tokens: tokens, quality: .exact)
        call.provider = .anthropic
        call.model = model
        var rater = Rater(book: book)
        return Charge(call: call, rating: rater.rate(call))
    }

    @Test func `a charge is repriced where its price is another, and left where it is not`() throws {
        let charge = Self.charge(by: try Self.book(output: "2"))
        var same = Repricing(book: try Self.book(output: "2"))
        #expect(same.rating(for: charge) == nil)
        var other = Repricing(book: try Self.book(output: "3"))
        #expect(other.rating(for: charge)?.cost?.description == "3")
        let unknown = Self.charge(2, model: "sonnet", by: try Self.book(output: "2"))
        #expect(other.rating(for: unknown) == nil)
        #expect(other.rating(for: Self.charge(3, harness: .canary, by: try Self.book(output: "2"))) == nil)
        #expect(other.totals.charges == 2)
        #expect(other.totals.changed == 1)
        #expect(other.totals.before.description == "2")
        #expect(other.totals.after.description == "3")
        #expect(CostComparison(other).text(isColoured: false).contains("opus"))
    }

    @Test func `the event is the stored text with rating and reason exchanged`() throws {
        let stored = Self.charge(by: try Self.book(output: "2"))
        var writer = JSONWriter()
        writer.charge(stored)
        let text = Array(#"{"from_the_future":{"a":[1,"}"]},"#.utf8) + writer.bytes.dropFirst()
        let charge = try LedgerCharge(text: text)
        var repricing = Repricing(book: try Self.book(output: "3"))
        let rating = repricing.rating(for: charge.charge)
        let event = try charge.event(repricedTo: try #require(rating))
        #expect(String(decoding: event, as: UTF8.self).contains(#""from_the_future":{"a":[1,"}"]}"#))
        var json = JSONReader(event)
        let read = try #require(try ChargeTransaction(from: &json).charges.first)
        #expect(read.version == ChargeVersion(revision: 3, repricing: 1))
        #expect(read.version > stored.version)
        #expect(read.call.reason == .reprice)
        #expect(read.rating.cost?.description == "3")
        var call = read.call
        call.reason = stored.call.reason
        #expect(call == stored.call)
        // Priced anew once more, it goes before this one.
        var again = JSONWriter()
        again.charge(read)
        let second = try LedgerCharge(text: again.bytes).event(repricedTo: read.rating)
        var reader = JSONReader(second)
        #expect(try ChargeTransaction(from: &reader).charges.first?.version.repricing == 2)
    }

    @Test func `what if prices the same tokens, each call at the tier of its own size`() throws {
        let book = try Self.book(output: "2")
        var whatIf = WhatIf(model: "haiku", provider: nil, at: nil, book: book)
        #expect(whatIf.refusal(at: Timestamp(seconds: 1_795_176_000)) == nil)
        for tokens in [TokenCounts(uncachedInput: 100, output: 10), TokenCounts(uncachedInput: 101, output: 10)] {
            whatIf.add(Self.charge(tokens: tokens, by: book))
        }
        var retracted = Self.charge(by: book)
        retracted.call.isRetracted = true
        whatIf.add(retracted)
        whatIf.add(Self.charge(model: "<synthetic>", by: book))
        whatIf.add(Self.charge(harness: .canary, by: book))
        #expect(whatIf.totals.charges == 2)
        #expect(whatIf.totals.actual.picodollars == 201_000_000 + 40_000_000)
        #expect(whatIf.totals.other.picodollars == 201_000_000 + 10_000_000 + 30_000_000)
        var unknown = WhatIf(model: "haiku-9", provider: nil, at: nil, book: book)
        #expect(unknown.refusal(at: Timestamp(seconds: 0)) == "unknown_model")
    }

    @Test func `what the ledger has no texts of is counted and told`() throws {
        let charge = Self.charge(by: try Self.book(output: "2"))
        var writer = JSONWriter()
        writer.charge(charge)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        let removed = #"{"changes":9,"before":"2026-10-01T00:00:00Z"}"#
        for (member, before) in [(removed, "2026-10-01T00:00:00Z"), ("null", nil)] {
            let page = try ChargesPage(
                json: Array(#"{"v":1,"charges":[\#(text)],"removed":\#(member),"next":null}"#.utf8))
            #expect(page.removedBefore == before)
            #expect(page.charges.map(\.isCounted) == [true])
        }
        let some = LeftOut(standing: 1_500, listed: 300, before: "2026-10-01T00:00:00Z")
        #expect(try #require(some.text).hasPrefix("1,200 charges are left out"))
        #expect(JSONDocument.object([LeftOut.member(some)]).prettyText.contains(#""charges": 1200"#))
        #expect(JSONDocument.object([LeftOut.member(nil)]).prettyText.contains("null"))
        let none = LeftOut(standing: 3, listed: 4, before: "2026-10-01T00:00:00Z")
        #expect(none.charges == 0 && none.text == nil)
    }

    @Test func `prices are shown with tiers, and an override says that it is one`() throws {
        let override = try Self.sheet(output: "1.5")
        let book = PriceBook(list: [try Self.sheet(output: "2")], overrides: [override])
        let text = PriceTable(book.prices(of: "haiku"), of: book).text(isColoured: false)
        #expect(text.contains("≥ 101 input"))
        #expect(book.prices(of: "Opus ").map(\.isOverride).sorted { !$0 && $1 } == [false, true])
        let now = Timestamp(seconds: 1_795_176_000)
        #expect(book.prices(of: "opus", at: now).map(\.row.rates.output) == [1_500_000])
        #expect(PriceTable(book.prices(of: "opus", at: now), of: book).json.prettyText.contains(#""output": "1.5""#))
        #expect(!text.contains("as published on"))
        var dated = try Self.sheet(output: "2")
        dated.asOf = CivilDay("2026-11-21")
        // A contract says nothing about what is published.
        var agreed = override
        agreed.asOf = CivilDay("2026-12-24")
        let known = PriceBook(list: [dated], overrides: [agreed])
        let table = PriceTable(known.prices(of: "haiku"), of: known)
        #expect(table.text(isColoured: false).hasSuffix(", as published on 2026-11-21\n"))
        #expect(table.json.prettyText.contains(#""2026-11-21""#))
    }

    @Test func `an override is told what it changes and warned of likely slips`() throws {
        let list = [PriceLayer(.list, [try Self.sheet(output: "2")])]
        let now = Timestamp(seconds: 1_795_176_000)
        let good = OverrideCheck(try Self.sheet(output: "1.8"), over: list, at: now)
        #expect(good.faults.isEmpty && good.warnings.isEmpty)
        #expect(good.facts.contains { $0.contains("output 2 → 1.8") })
        let slip = OverrideCheck(try Self.sheet(output: "20"), over: list, at: now)
        #expect(slip.warnings.contains { $0.contains("five times") })
        let dangling = try Self.sheet(output: "2", rest: #","aliases":[{"name":"ours","model":"opsu"}]"#)
        #expect(OverrideCheck(dangling, over: list, at: now).faults.contains { $0.contains("opsu") })
    }

    @Test func `drift is read and drawn`() throws {
        let answer = #"""
            {"v":1,"rows":[{"day":"2026-11-21","model":"opus","basis":"charge","charges":2,"reported_usd":"0.11",
            "computed_usd":"0.1","difference_usd":"0.01","difference_percent":"10.00","unpriced_charges":1}],
            "totals":{"charges":2,"reported_usd":"0.11","computed_usd":"0.1","difference_usd":"0.01",
            "difference_percent":null,"unpriced_charges":1}}
            """#
        let text = try #require(try DriftPage(json: Array(answer.utf8)).text(isColoured: false))
        #expect(text.contains("2026-11-21") && text.contains("10.00") && text.contains("0.010000"))
    }
}
