import Foundation
import Ledger
import Metering
import PriceSheets
import Rating
import Testing

@Suite struct PriceSheetTests {
    private static let sheets = Result { try PriceSheets.embedded() }

    private static func decode(_ rows: String, aliases: String = "", extra: String = "") throws -> PriceSheet {
        let text = """
            {"format":1,"provider":"p","first_party":true,"version":"v","unit":"USD per million tokens",
            "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
            "cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},\(extra)
            "rows":[\(rows)],
            "aliases":[\(aliases)]}
            """
        return try PriceSheet(decoding: Array(text.utf8), name: "p.json")
    }

    private static func fault(_ rows: String, aliases: String = "", extra: String = "") -> String {
        do {
            _ = try decode(rows, aliases: aliases, extra: extra)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    private static let good = #"{"model":"m","rates":{"uncached_input":"1","output":"2"},"source":"s"}"#

    @Test func `the embedded sheets load, are not small, and know the providers`() throws {
        let sheets = try Self.sheets.get()
        let providers = Set(sheets.map(\.provider))
        #expect(
            providers.isSuperset(of: [
                "anthropic", "openai", "google", "vertex", "bedrock", "azure", "azure-ai", "xai", "deepseek", "mistral",
                "groq", "openrouter", "github-copilot",
            ]))
        #expect(sheets.reduce(0) { $0 + $1.rows.count } > 3_000)
        #expect(sheets.allSatisfy { $0.asOf != nil })
    }

    @Test func `every alias stands for a model that has rows`() throws {
        for sheet in try Self.sheets.get() {
            let models = Set(sheet.rows.map(\.model))
            for alias in sheet.aliases { #expect(models.contains(alias.model), "\(sheet.provider) \(alias.name)") }
        }
    }

    @Test func `the standard prices of a model follow each other without a gap`() throws {
        for sheet in try Self.sheets.get() {
            let standard = sheet.rows.filter { $0.selector == .standard && $0.window == nil }
            for rows in Dictionary(grouping: standard, by: \.model).values {
                let sorted = rows.sorted { $0.from < $1.from }
                for (row, next) in zip(sorted, sorted.dropFirst()) { #expect(row.to == next.from, "\(next.id)") }
            }
        }
    }

    @Test(arguments: [
        ("openai", "gpt-5.6-sol", "2026-08-21T00:00:00Z", "0.000035", "0.000024"),
        ("openai", "o3", "2025-06-10T00:00:00Z", "0.00005", "0.00001"),
        ("deepseek", "deepseek-v4-flash", "2026-08-16T16:00:00Z", "0.00000042", "0.00000088"),
        ("google", "gemini-4-argon", "2026-12-01T00:00:00Z", "0.000012", "0.000024"),
    ])
    func `the instant before a change and the instant of it differ`(
        provider: String, model: String, instant: String, before: String, after: String
    ) throws {
        var rater = Rater(book: PriceBook(list: try Self.sheets.get()))
        let change = try #require(Timestamp(rfc3339: instant))
        let tokens = TokenCounts(uncachedInput: 1, output: 1)
        let last = Timestamp(nanoseconds: change.nanoseconds - 1)
        let old = rater.quote(RatingRequest(provider: provider, model: model, time: last, tokens: tokens))
        let new = rater.quote(RatingRequest(provider: provider, model: model, time: change, tokens: tokens))
        #expect(old.cost.description == before)
        #expect(new.cost.description == after)
        #expect(old.rowID != new.rowID)
    }

    @Test func `a retired model has a price at its time, and none where it was not listed`() throws {
        var rater = Rater(book: PriceBook(list: try Self.sheets.get()))
        let tokens = TokenCounts(uncachedInput: 1_000_000, output: 1_000_000)
        func quote(_ provider: String, _ model: String, _ time: String) throws -> Quote {
            let time = try #require(Timestamp(rfc3339: time))
            return rater.quote(RatingRequest(provider: provider, model: model, time: time, tokens: tokens))
        }
        #expect(try quote("anthropic", "claude-3-opus-20240229", "2025-06-01T00:00:00Z").cost.description == "90")
        #expect(try quote("openai", "gpt-4-32k-0613", "2024-06-01T00:00:00Z").cost.description == "180")
        #expect(try quote("google", "gemini-1.5-pro-002", "2025-06-01T00:00:00Z").cost.description == "12.5")
        #expect(try quote("deepseek", "deepseek-chat", "2026-03-01T00:00:00Z").cost.description == "0.7")
        #expect(try quote("deepseek", "deepseek-chat", "2026-11-01T00:00:00Z").reason == .notListedThen)
    }

    @Test func `a holiday is off the peak hours`() throws {
        var rater = Rater(book: PriceBook(list: try Self.sheets.get()))
        let tokens = TokenCounts(output: 1_000_000)
        // 10:00 in Beijing on a Thursday: once in the holidays of October, once a week after.
        for (time, cost) in [("2026-10-01T02:00:00Z", "0.6"), ("2026-10-08T02:00:00Z", "1.2")] {
            let time = try #require(Timestamp(rfc3339: time))
            let request = RatingRequest(provider: "deepseek", model: "deepseek-flash", time: time, tokens: tokens)
            #expect(rater.quote(request).cost.description == cost)
        }
    }

    @Test func `faults are refused with file, line and reason`() {
        #expect(Self.fault(Self.good) == "accepted")
        #expect(Self.fault(Self.good, extra: #""colour":"red","#) == #"p.json:3: unknown member "colour""#)
        #expect(Self.fault(Self.good, extra: #""as_of":"2026-02-30","#) == "p.json:3: as_of must be a day, YYYY-MM-DD")
        #expect(Self.fault(#"{"model":"m","price":1}"#) == #"p.json:4: unknown member "price""#)
        let typo = #"{"model":"m","rates":{"uncached_imput":"1","output":"2"},"source":"s"}"#
        #expect(Self.fault(typo) == #"p.json:4: "uncached_imput" is no billed token class"#)
        let fine = #"{"model":"m","rates":{"uncached_input":"0.0000001","output":"2"},"source":"s"}"#
        #expect(Self.fault(fine) == #"p.json:4: "0.0000001" is no whole number of picodollars per token"#)
        let float = #"{"model":"m","rates":{"uncached_input":1.5,"output":"2"},"source":"s"}"#
        #expect(Self.fault(float) == "p.json:4: value of another type")
        let partial = #"{"model":"m","rates":{"uncached_input":"1"},"source":"s"}"#
        #expect(Self.fault(partial) == "p.json:4: no rate for output")
        #expect(Self.fault(Self.good + "," + Self.good) == "p.json: two prices at once: p/m and p/m")
        #expect(Self.fault(Self.good, aliases: #"{"name":"m","model":"m"}"#) == #"p.json: "m" is a model and an alias"#)
        let doubled = #"{"name":"a","model":"m"},{"name":"a","model":"n"}"#
        #expect(Self.fault(Self.good, aliases: doubled) == #"p.json: the alias "a" means two models at once"#)
        let ended = #"{"model":"m","from":"2026-02-01T00:00:00Z","to":"2026-01-01T00:00:00Z","rates":{}}"#
        #expect(Self.fault(ended) == "p.json:4: m ends before it begins")
        #expect(Self.fault(Self.good, extra: #""format":2,"#) == "p.json: the format must be 1")
    }

    @Test func `an alias may move from model to model`() throws {
        let rows = """
            {"model":"old","rates":{"uncached_input":"1","output":"1"},"source":"s"},
            {"model":"new","rates":{"uncached_input":"2","output":"2"},"source":"s"}
            """
        let aliases = """
            {"name":"latest","model":"old","to":"2026-01-01T00:00:00Z"},
            {"name":"latest","model":"new","from":"2026-01-01T00:00:00Z"}
            """
        var rater = Rater(book: PriceBook(list: [try Self.decode(rows, aliases: aliases)]))
        for (time, cost) in [("2025-12-31T23:59:59.999Z", 1_000_000), ("2026-01-01T00:00:00Z", 2_000_000)] {
            let time = try #require(Timestamp(rfc3339: time))
            let request = RatingRequest(provider: "p", model: "latest", time: time, tokens: TokenCounts(output: 1))
            #expect(rater.quote(request).cost.picodollars == cost)
        }
    }

    @Test func `a stronger layer is asked first and the weaker one fills what it leaves`() throws {
        let contract = """
            {"model":"m","from":"2026-01-01T00:00:00Z","to":"2026-07-01T00:00:00Z",
            "rates":{"uncached_input":"0.5","output":"1"},"source":"contract"}
            """
        let deployment = #"{"name":"our-deployment","model":"m"}"#
        let book = PriceBook(
            list: [try Self.decode(Self.good)], overrides: [try Self.decode(contract, aliases: deployment)])
        #expect(book.version != PriceBook(list: [try Self.decode(Self.good)]).version)
        var rater = Rater(book: book)
        for (time, cost) in [("2025-12-31T00:00:00Z", 2), ("2026-03-01T00:00:00Z", 1), ("2026-07-01T00:00:00Z", 2)] {
            let time = try #require(Timestamp(rfc3339: time))
            for name in ["m", "our-deployment"] {
                let request = RatingRequest(provider: "p", model: name, time: time, tokens: TokenCounts(output: 1))
                #expect(rater.quote(request).cost.picodollars == cost * 1_000_000)
            }
        }
    }
}
