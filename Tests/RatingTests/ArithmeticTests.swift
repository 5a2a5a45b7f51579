import Ledger
import Metering
import PriceSheets
import Testing

@testable import Rating

@Suite struct ArithmeticTests {
    private static let time = Timestamp(rfc3339: "2026-11-18T12:00:00Z") ?? Timestamp(nanoseconds: 0)

    /// One model with the rates of the published example: 5 / 25 / 0.5 / 6.25 dollars per million tokens.
    private static func sheet(_ row: String = "", provider: String = "anthropic") throws -> PriceSheet {
        let text = """
            {"format":1,"provider":"\(provider)","first_party":true,"version":"test","unit":"USD per million tokens",
             "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
                        "cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},
             "rows":[{"model":"opus","rates":{"uncached_input":"5","cache_read":"0.5","cache_write_5m":"6.25",
                      "cache_write_1h":"10","output":"25"},"source":"test"\(row)}]}
            """
        return try PriceSheet(decoding: Array(text.utf8), name: "test.json")
    }

    private static func quote(_ tokens: TokenCounts, row: String = "", change: (inout RatingRequest) -> Void = { _ in })
        throws -> Quote
    {
        var rater = Rater(book: PriceBook(list: [try sheet(row)]))
        var request = RatingRequest(provider: "anthropic", model: "opus", time: time, tokens: tokens)
        change(&request)
        return rater.quote(request)
    }

    @Test func `the published figures come out to the last digit`() throws {
        let first = try Self.quote(TokenCounts(uncachedInput: 6, cacheWrite5m: 83_842, output: 6))
        #expect(first.cost.description == "0.5241925")
        #expect(first.cost.rounded(toDigits: 6) == "0.524192")
        let second = try Self.quote(
            TokenCounts(uncachedInput: 11, cacheRead: 119_393, cacheWrite5m: 15_751, output: 826))
        #expect(second.cost.description == "0.17884525")
    }

    @Test func `the classes' costs add up to the cost`() throws {
        let quote = try Self.quote(
            TokenCounts(uncachedInput: 3, cacheRead: 5, cacheWrite5m: 7, cacheWrite1h: 11, cacheWrite: 13, output: 17))
        #expect(quote.classCosts.sum == quote.cost.picodollars)
        #expect(quote.classCosts.cacheWrite1h == 110_000_000)
    }

    @Test func `each step of an answer is priced by its own size`() throws {
        let tier = #","tiers":[{"above":100000,"rates":{"uncached_input":"50","output":"250"}}]"#
        let short = TokenCounts(uncachedInput: 60_000, output: 10)
        let long = TokenCounts(uncachedInput: 120_000, output: 20)
        func cost(_ parts: [TokenCounts]) throws -> Amount {
            try Self.quote(parts.reduce(TokenCounts(), +), row: tier) { $0.billedParts = parts }.cost
        }
        let (one, other) = (try Self.quote(short, row: tier).cost, try Self.quote(long, row: tier).cost)
        #expect(try cost([short, short]).picodollars == 2 * one.picodollars)
        #expect(try cost([short, long]).picodollars == one.picodollars + other.picodollars)
        // A whole that the parts do not make up is priced as one request.
        let whole = try Self.quote(short + short, row: tier).cost
        #expect(try Self.quote(short + short, row: tier) { $0.billedParts = [short, long] }.cost == whole)
        #expect(whole.picodollars > 2 * one.picodollars)
    }

    @Test func `a search is billed once however many steps the answer took`() throws {
        let row = #","tiers":[{"above":100000,"rates":{"output":"250"}}],"fees":{"web_search":"0.01"}"#
        let part = TokenCounts(uncachedInput: 10, output: 10)
        let quote = try Self.quote(part + part, row: row) {
            $0.billedParts = [part, part]
            $0.webSearches = 3
        }
        #expect(quote.fees.description == "0.03")
        #expect(quote.cost.picodollars == quote.fees.picodollars + (try #require(quote.classCosts.sum)))
    }

    @Test func `reasoning is inside output and never billed again`() throws {
        let plain = try Self.quote(TokenCounts(output: 1_000))
        let reasoned = try Self.quote(TokenCounts(output: 1_000, reasoning: 900))
        #expect(plain.cost == reasoned.cost)
    }

    @Test func `a cache write of unstated lifetime costs the default lifetime and says so`() throws {
        let unstated = try Self.quote(TokenCounts(cacheWrite: 1_000))
        #expect(unstated.cost == (try Self.quote(TokenCounts(cacheWrite5m: 1_000))).cost)
        #expect(unstated.assumptions == ["cache_write_lifetime_default"])
        #expect(try Self.quote(TokenCounts(cacheWrite5m: 1_000)).assumptions.isEmpty)
    }

    @Test func `a request over the threshold is priced whole at the higher rates`() throws {
        let tier = #","tiers":[{"above":100,"rates":{"uncached_input":"10","output":"50"}}]"#
        let at = try Self.quote(TokenCounts(uncachedInput: 50, cacheRead: 50, output: 1), row: tier)
        #expect(at.cost.picodollars == 50 * 5_000_000 + 50 * 500_000 + 25_000_000)
        let above = try Self.quote(TokenCounts(uncachedInput: 51, cacheRead: 50, output: 1), row: tier)
        #expect(above.cost.picodollars == 51 * 10_000_000 + 50 * 500_000 + 50_000_000)
    }

    @Test func `an aggregate is priced below the tiers and marked where one could apply`() throws {
        let tier = #","tiers":[{"at":100,"rates":{"uncached_input":"10"}}]"#
        let below = try Self.quote(TokenCounts(uncachedInput: 99), row: tier) { $0.isAggregate = true }
        #expect(!below.isEstimated)
        let above = try Self.quote(TokenCounts(uncachedInput: 100), row: tier) { $0.isAggregate = true }
        #expect(above.isEstimated)
        #expect(above.cost.picodollars == 500_000_000)
    }

    @Test func `a regional premium multiplies every class exactly`() throws {
        let premium = #","uplifts":[{"geo":"us","factor":"11/10"}]"#
        let quote = try Self.quote(TokenCounts(uncachedInput: 10, output: 10), row: premium) { $0.geo = "us" }
        #expect(quote.cost.picodollars == 330_000_000)
        let elsewhere = try Self.quote(TokenCounts(uncachedInput: 10, output: 10), row: premium) { $0.geo = "eu" }
        #expect(elsewhere.cost.picodollars == 300_000_000)
        #expect(elsewhere.assumptions == ["no_regional_premium"])
    }

    @Test func `a premium that leaves a fraction is rounded half to even once and marked`() throws {
        let premium = #","uplifts":[{"geo":"us","factor":"1/1000000"}]"#
        // A token is half a picodollar: one gives 0.5, to the even 0; three give 1.5, to the even 2.
        let down = try Self.quote(TokenCounts(cacheRead: 1), row: premium) { $0.geo = "us" }
        #expect(down.cost.picodollars == 0)
        let up = try Self.quote(TokenCounts(cacheRead: 3), row: premium) { $0.geo = "us" }
        #expect(up.cost.picodollars == 2)
        #expect(up.classCosts.sum == 2)
        #expect(up.assumptions == ["rounded_to_picodollar"])
    }

    @Test func `web searches are charged beside tokens`() throws {
        let fee = #","fees":{"web_search":"0.01"}"#
        let quote = try Self.quote(TokenCounts(output: 1), row: fee) { $0.webSearches = 3 }
        #expect(quote.fees.description == "0.03")
        #expect(quote.cost.description == "0.030025")
    }

    @Test func `what passes an amount is unpriced, never a trap`() throws {
        #expect(try Self.quote(TokenCounts(uncachedInput: .max, cacheRead: .max)).reason == .overflow)
        #expect(try Self.quote(TokenCounts(output: 368_934_881_475)).reason == .overflow)
        #expect(try Self.quote(TokenCounts(output: 368_934_881_474)).cost.picodollars == 9_223_372_036_850_000_000)
        let fee = #","fees":{"web_search":"0.01"}"#
        #expect(try Self.quote(TokenCounts(output: 1), row: fee) { $0.webSearches = .max }.reason == .overflow)
    }

    @Test func `no usage, negative counts and mere costs are told apart`() throws {
        #expect(try Self.quote(TokenCounts()).reason == .noUsage)
        #expect(try Self.quote(TokenCounts(output: -1)).reason == .negativeCount)
        #expect(try Self.quote(TokenCounts()) { $0.hasReportedCost = true }.status == .reportedOnly)
        let zero = try Self.quote(TokenCounts(uncachedInput: 0))
        #expect(zero.status == .priced)
        #expect(zero.cost == .zero)
    }

    @Test func `a million charges sum alike forward, backward and in shards, and take back to zero`() throws {
        var rater = Rater(book: PriceBook(list: [try Self.sheet()]))
        var random = SeededGenerator(state: 42)
        var costs: [Amount] = []
        costs.reserveCapacity(1_000_000)
        for _ in 0..<1_000_000 {
            let tokens = TokenCounts(
                uncachedInput: .random(in: 0...9_999, using: &random),
                cacheRead: .random(in: 0...199_999, using: &random),
                cacheWrite5m: .random(in: 0...9_999, using: &random),
                cacheWrite1h: .random(in: 0...9_999, using: &random),
                output: .random(in: 0...9_999, using: &random))
            costs.append(
                rater.quote(RatingRequest(provider: "anthropic", model: "opus", time: Self.time, tokens: tokens)).cost)
        }
        var forward = AmountTotal.zero
        for cost in costs { forward += cost }
        var backward = AmountTotal.zero
        for cost in costs.reversed() { backward += cost }
        var shards = [AmountTotal](repeating: .zero, count: 8)
        for (index, cost) in costs.enumerated() { shards[index % 8] += cost }
        var sharded = AmountTotal.zero
        for shard in shards { sharded += shard }
        #expect(forward == backward)
        #expect(forward == sharded)
        #expect(forward > .zero)
        for cost in costs { forward -= cost }
        #expect(forward == .zero)
    }
}

/// SplitMix64: the same numbers on every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
