import Metering
import Testing

@testable import Rating

@Suite struct PriceRefreshTests {
    private static let seen = Timestamp(rfc3339: "2026-12-01T00:00:00Z") ?? Timestamp(nanoseconds: 0)

    private static func sheet(_ rows: [String], aliases: [String] = [], asOf: String? = nil) throws -> PriceSheet {
        let text = """
            {"format":1,"provider":"p","first_party":true,"version":"v",\(asOf.map { #""as_of":"\#($0)","# } ?? "")"unit":"USD per million tokens",
             "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
                        "cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},
             "rows":[\(rows.joined(separator: ","))],"aliases":[\(aliases.joined(separator: ","))]}
            """
        return try PriceSheet(decoding: Array(text.utf8), name: "p.json")
    }

    private static func row(_ model: String, _ input: String, _ output: String, _ rest: String = "") -> String {
        #"{"model":"\#(model)","rates":{"uncached_input":"\#(input)","output":"\#(output)"}\#(rest),"source":"s"}"#
    }

    /// The layers after one refresh after the other.
    private struct Layers {
        let embedded: PriceSheet
        var refreshed: PriceSheet?

        var book: PriceBook {
            PriceBook(layers: [PriceLayer(.list, [embedded]), PriceLayer(.list, refreshed.map { [$0] } ?? [])])
        }

        mutating func refresh(
            _ candidate: PriceSheet, at seen: Timestamp = PriceRefreshTests.seen, isPartial: Bool = false,
            accepting: Set<String> = []
        ) throws -> PriceRefresh {
            let refresh = PriceRefresh(
                candidate, book: book, refreshed: refreshed, seen: seen, isPartial: isPartial, accepted: accepting)
            // As it is written and read back.
            refreshed = try PriceSheet(decoding: refresh.sheet.json, name: "p.json")
            return refresh
        }

        func cost(_ model: String, _ time: String) throws -> String {
            var rater = Rater(book: book)
            let time = try #require(Timestamp(rfc3339: time))
            let quote = rater.quote(
                RatingRequest(provider: "p", model: model, time: time, tokens: TokenCounts(output: 1_000_000)))
            return quote.reason?.rawValue ?? quote.cost.description
        }
    }

    @Test func `a new rate holds from when it was first seen, and nothing before it moves`() throws {
        var layers = Layers(embedded: try Self.sheet([Self.row("m", "1", "2")]))
        let first = try layers.refresh(try Self.sheet([Self.row("m", "1", "3")]))
        #expect(first.changes.map(\.kind) == [.changedPrice])
        #expect(first.quarantined.isEmpty)
        #expect(try layers.cost("m", "2026-11-30T23:59:59.999999999Z") == "2")
        #expect(try layers.cost("m", "2026-12-01T00:00:00Z") == "3")
        let again = try layers.refresh(try Self.sheet([Self.row("m", "1", "3")]), at: Timestamp(seconds: 1_800_000_000))
        #expect(again.changes.isEmpty)
        let later = try #require(Timestamp(rfc3339: "2027-02-01T00:00:00Z"))
        _ = try layers.refresh(try Self.sheet([Self.row("m", "1", "4")]), at: later)
        #expect(layers.refreshed?.rows.map(\.to) == [later, .distantFuture])
        #expect(try layers.cost("m", "2026-12-15T00:00:00Z") == "3")
        #expect(try layers.cost("m", "2027-02-01T00:00:00Z") == "4")
    }

    @Test func `a date that the source states is taken, before or after now`() throws {
        var layers = Layers(embedded: try Self.sheet([Self.row("m", "1", "2")]))
        let announced = [
            Self.row("m", "1", "3", #","from":"2026-11-20T00:00:00Z","to":"2027-01-01T00:00:00Z""#),
            Self.row("m", "1", "4", #","from":"2027-01-01T00:00:00Z""#),
        ]
        _ = try layers.refresh(try Self.sheet(announced))
        #expect(try layers.cost("m", "2026-11-19T23:59:59Z") == "2")
        #expect(try layers.cost("m", "2026-11-20T00:00:00Z") == "3")
        #expect(try layers.cost("m", "2027-01-01T00:00:00Z") == "4")
    }

    @Test func `jumps, zeros and removals are quarantined until they are accepted`() throws {
        let rows = [
            Self.row("jump", "1", "2"), Self.row("zero", "1", "2"), Self.row("gone", "1", "2"),
            Self.row("fine", "1", "2", #","when":{"service_tier":"batch"}"#), Self.row("fine", "1", "2"),
        ]
        let published = [
            Self.row("jump", "1", "10.000001"), Self.row("zero", "0", "2"), Self.row("free", "0", "0"),
            Self.row("fine", "5", "2"),
        ]
        var layers = Layers(embedded: try Self.sheet(rows))
        let refresh = try layers.refresh(try Self.sheet(published))
        #expect(refresh.changes.map(\.model) == ["fine"])
        #expect(
            refresh.quarantined.map { "\($0.model) \($0.selector) \($0.reason.rawValue)" } == [
                "free  zero", "jump  jump", "zero  zero", "fine service_tier=batch removed", "gone  removed",
            ])
        #expect(refresh.quarantined.first { $0.model == "jump" }?.detail == "output goes from 2 to 10.000001")
        for model in ["jump", "zero", "gone"] { #expect(try layers.cost(model, "2027-01-01T00:00:00Z") == "2") }
        #expect(try layers.cost("free", "2027-01-01T00:00:00Z") == "unknown_model")
        let accepted = try layers.refresh(try Self.sheet(published), accepting: ["jump", "free"])
        #expect(accepted.quarantined.map(\.model) == ["zero", "fine", "gone"])
        #expect(try layers.cost("jump", "2027-01-01T00:00:00Z") == "10.000001")
    }

    @Test func `a newer release's price goes before an older refresh, and an override before both`() throws {
        var layers = Layers(embedded: try Self.sheet([Self.row("m", "1", "2")]))
        _ = try layers.refresh(try Self.sheet([Self.row("m", "1", "3")]))
        let release = [
            Self.row("m", "1", "2", #","to":"2027-03-01T00:00:00Z""#),
            Self.row("m", "1", "6", #","from":"2027-03-01T00:00:00Z""#),
        ]
        let upgraded = Layers(embedded: try Self.sheet(release), refreshed: layers.refreshed)
        #expect(try upgraded.cost("m", "2027-02-28T00:00:00Z") == "3")
        #expect(try upgraded.cost("m", "2027-03-01T00:00:00Z") == "6")
        let contract = try Self.sheet([Self.row("m", "1", "1")])
        var rater = Rater(book: PriceBook(layers: upgraded.book.layers + [PriceLayer(.override, [contract])]))
        let request = RatingRequest(provider: "p", model: "m", time: Self.seen, tokens: TokenCounts(output: 1_000_000))
        #expect(rater.quote(request).cost.description == "1")
    }

    @Test func `names move from when it was seen; a model that became a name is quarantined`() throws {
        let rows = [Self.row("a", "1", "2"), Self.row("b", "1", "3"), Self.row("c", "1", "4")]
        var layers = Layers(embedded: try Self.sheet(rows, aliases: [#"{"name":"latest","model":"a"}"#]))
        let moved = [
            #"{"name":"latest","model":"b"}"#, #"{"name":"newest","model":"b"}"#, #"{"name":"c","model":"b"}"#,
        ]
        let refresh = try layers.refresh(try Self.sheet(Array(rows.prefix(2)), aliases: moved))
        #expect(refresh.changes.map { "\($0.model) \($0.kind.rawValue)" } == ["latest moved_name", "newest new_name"])
        #expect(refresh.quarantined.map { "\($0.model) \($0.reason.rawValue)" } == ["c name_changed_kind"])
        #expect(try layers.cost("latest", "2026-11-30T00:00:00Z") == "2")
        #expect(try layers.cost("latest", "2026-12-01T00:00:00Z") == "3")
        #expect(try layers.cost("newest", "2026-01-01T00:00:00Z") == "3")
        #expect(try layers.cost("c", "2026-12-02T00:00:00Z") == "4")
    }

    @Test func `prices that did not change are known to hold on a later day, which is news`() throws {
        let rows = [Self.row("m", "1", "2")]
        var layers = Layers(embedded: try Self.sheet(rows, asOf: "2026-11-21"))
        #expect(layers.book.catalogueDays["p"]?.description == "2026-11-21")
        // A part of the prices, and prices of an earlier day, say nothing of the others today.
        #expect(try !layers.refresh(try Self.sheet(rows), isPartial: true).isNews)
        #expect(try !layers.refresh(try Self.sheet(rows, asOf: "2026-11-20")).isNews)
        #expect(layers.book.catalogueDays["p"]?.description == "2026-11-21")
        let later = try layers.refresh(try Self.sheet(rows, asOf: "2026-11-30"))
        #expect(later.changes.isEmpty && later.isNews)
        #expect(layers.book.catalogueDays["p"]?.description == "2026-11-30")
        // Without a day of its own a sheet is what is published now.
        #expect(try layers.refresh(try Self.sheet(rows)).isNews)
        #expect(layers.book.catalogueDays["p"]?.description == "2026-12-01")
        #expect(try layers.cost("m", "2026-12-15T00:00:00Z") == "2")
    }

    @Test func `a sheet that is written reads back as it was`() throws {
        let rows = [
            Self.row(
                "m", "0.000001", "12.5",
                #","from":"2026-01-01T00:00:00Z","when":{"service_tier":"batch","speed":"fast"},"#
                    + #""tiers":[{"above":200000,"rates":{"output":"20"}}],"uplifts":[{"geo":"us","factor":"11/10"}],"#
                    + #""fees":{"web_search":"0.01"}"#),
            Self.row(
                "n", "1", "2",
                #","window":{"days":[1,5],"hours":["09:00-12:00"],"offset":"-05:30","except":["2026-10-01"]}"#),
        ]
        let sheet = try Self.sheet(
            rows, aliases: [#"{"name":"x","model":"m","provider":"q","to":"2026-01-01T00:00:00Z"}"#],
            asOf: "2026-11-21")
        var read = try PriceSheet(decoding: sheet.json, name: "p.json")
        read.digest = sheet.digest
        #expect(read == sheet)
    }
}
