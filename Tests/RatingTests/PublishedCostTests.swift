import Ledger
import Metering
import PriceSheets
import Testing

@testable import Rating

/// Published costs of another meter, a router of providers' calls, by their numbers there.
struct PublishedCostTests {
    /// 3 dollars for a million tokens of input, 0.3 read, 3.75 written, 15 of output; or other rates.
    private func quote(_ tokens: TokenCounts, read: String = "0.3") throws -> Quote {
        let text = """
            {"format":1,"provider":"anthropic","first_party":true,"version":"test","unit":"USD per million tokens",
             "inherit":{"cache_write_5m":"uncached_input","cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},
             "rows":[{"model":"m","rates":{"uncached_input":"3","cache_read":"\(read)","cache_write_5m":"3.75",
                      "cache_write_1h":"6","output":"15"},"source":"test"}]}
            """
        let sheet = try PriceSheet(decoding: Array(text.utf8), name: "test.json")
        var rater = Rater(book: PriceBook(list: [sheet]))
        let time = try #require(Timestamp(rfc3339: "2026-11-18T12:00:00Z"))
        return rater.quote(RatingRequest(provider: "anthropic", model: "m", time: time, tokens: tokens))
    }

    @Test func `N05, N30: each class has its own cost, and together they are the call's`() throws {
        let quote = try quote(TokenCounts(uncachedInput: 100, cacheRead: 200, cacheWrite: 30, output: 50))
        #expect(quote.cost.description == "0.0012225")
        #expect(quote.classCosts.uncachedInput == 300_000_000)
        #expect(quote.classCosts.cacheRead == 60_000_000)
        #expect(quote.classCosts.cacheWrite == 112_500_000)
        #expect(quote.classCosts.output == 750_000_000)
    }

    @Test func `N06, N07, N23: parts that pass their total, no cache, and a price of zero`() throws {
        let clamped = try quote(TokenCounts(uncachedInput: 0, cacheRead: 80, cacheWrite: 40, output: 0))
        #expect(clamped.cost.description == "0.000174")
        #expect(try quote(TokenCounts(uncachedInput: 100, output: 50)).cost.description == "0.00105")
        let free = try quote(TokenCounts(uncachedInput: 0, cacheRead: 1_000, output: 0), read: "0")
        #expect(free.cost.description == "0")
    }
}
