public import Console
import Metering
public import Rating

/// Rows of the price book as a table and as JSON.
public struct PriceTable: Sendable {
    private let prices: [ListedPrice]
    private let version: String
    private let days: [(provider: String, day: CivilDay)]

    /// Shows prices of a book.
    public init(_ prices: [ListedPrice], of book: PriceBook) {
        self.prices = prices
        version = book.version
        let shown = Set(prices.map(\.row.provider))
        days = book.catalogueDays.filter { shown.contains($0.key) }.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value)
        }
    }

    /// The rows as a table; rates are dollars per million tokens.
    public func text(isColoured: Bool) -> String {
        let rates = ["Input", "Cache read", "Write 5m", "Write 1h", "Output"]
        var table = TextTable(
            columns: ["Provider", "Model", "Holds", "When"].map { TextTable.Column($0) }
                + rates.map { TextTable.Column($0, isRightAligned: true) } + [TextTable.Column("Source")])
        for price in prices {
            let row = price.row
            table.rows.append(
                TextTable.Row(
                    [row.provider, row.model, interval(row), selection(row)] + lines(row)
                        + [(price.isOverride ? "override: " : "") + row.source], isRuled: false))
        }
        let sheets = days.isEmpty ? version : version + ", as published on " + publishedDays
        return table.text(isColoured: isColoured) + "US dollars per million tokens. Sheets \(sheets)\n"
    }

    /// The day of all providers, or each with its own.
    private var publishedDays: String {
        let distinct = Set(days.map(\.day))
        if distinct.count == 1, let day = distinct.first { return day.description }
        return days.map { "\($0.day) (\($0.provider))" }.joined(separator: ", ")
    }

    private func interval(_ row: PriceRow) -> String {
        switch (row.isFromEver, row.isForEver) {
        case (true, true): "always"
        case (false, true): "from \(row.from)"
        case (true, false): "until \(row.to)"
        case (false, false): "\(row.from)\nuntil \(row.to)"
        }
    }

    private func selection(_ row: PriceRow) -> String {
        var lines = row.selector == .standard ? [] : [row.selector.description]
        if let window = row.window { lines.append(window.description) }
        lines += row.uplifts.map { "\($0.geo): x \($0.factor)" }
        if let fee = row.webSearchFee { lines.append("$\(fee) a search") }
        return lines.joined(separator: "\n")
            + row.tiers.map { "\n≥ \(NumberText.grouped($0.minimumInput)) input" }.joined()
    }

    /// Each rate, and below it the tiers' at the height of their thresholds.
    private func lines(_ row: PriceRow) -> [String] {
        let classes: [TokenClass] = [.uncachedInput, .cacheRead, .cacheWrite5m, .cacheWrite1h, .output]
        let gap = max(
            1, selection(row).split(separator: "\n", omittingEmptySubsequences: false).count - row.tiers.count)
        return classes.map { tokenClass in
            let base = PriceSheet.dollarsPerMillion(row.rates[tokenClass])
            let tiers = row.tiers.map { PriceSheet.dollarsPerMillion($0.rates[tokenClass]) }
            return ([base] + Array(repeating: "", count: gap - 1) + tiers).joined(separator: "\n")
        }
    }

    /// The rows as JSON.
    public var json: JSONDocument {
        .object([
            JSONDocument.Member("price_book", .string(version)),
            JSONDocument.Member("unit", .string("USD per million tokens")),
            JSONDocument.Member("as_of", .object(days.map { .init($0.provider, .string($0.day.description)) })),
            JSONDocument.Member("prices", .array(prices.map(object))),
        ])
    }

    private func object(_ price: ListedPrice) -> JSONDocument {
        let row = price.row
        var members = [
            JSONDocument.Member("row", .string(row.id)), JSONDocument.Member("provider", .string(row.provider)),
            JSONDocument.Member("model", .string(row.model)), JSONDocument.Member("name_rule", .string(price.nameRule)),
            JSONDocument.Member("override", .bool(price.isOverride)),
            JSONDocument.Member("from", row.isFromEver ? .null : .string(row.from.description)),
            JSONDocument.Member("to", row.isForEver ? .null : .string(row.to.description)),
            JSONDocument.Member("service_tier", text(row.selector.serviceTier)),
            JSONDocument.Member("speed", text(row.selector.speed)),
            JSONDocument.Member("window", text(row.window?.description)),
            JSONDocument.Member("rates", rates(row.rates)),
        ]
        members.append(
            JSONDocument.Member(
                "tiers",
                .array(
                    row.tiers.map { tier in
                        .object([
                            JSONDocument.Member("minimum_input", .integer(tier.minimumInput)),
                            JSONDocument.Member("rates", rates(tier.rates)),
                        ])
                    })))
        members.append(
            JSONDocument.Member(
                "uplifts",
                .array(
                    row.uplifts.map {
                        .object([
                            JSONDocument.Member("geo", .string($0.geo)),
                            JSONDocument.Member("factor", .string($0.factor.description)),
                        ])
                    })))
        members.append(JSONDocument.Member("web_search_usd", text(row.webSearchFee?.description)))
        members.append(JSONDocument.Member("source", .string(row.source)))
        return .object(members)
    }

    private func text(_ value: String?) -> JSONDocument { value.map { .string($0) } ?? .null }

    private func rates(_ rates: Rates) -> JSONDocument {
        .object(
            TokenClass.disjointClasses.map {
                JSONDocument.Member($0.rawValue, .string(PriceSheet.dollarsPerMillion(rates[$0])))
            })
    }
}
