public import Metering
public import Rating

/// What an override changes, and what in it is likely a slip; its form is checked by reading it.
public struct OverrideCheck: Sendable {
    /// What each row and alias does, for people.
    public private(set) var facts: [String] = []
    /// What is likely wrong though it can be read.
    public private(set) var warnings: [String] = []
    /// What makes the sheet useless: the service would refuse it.
    public private(set) var faults: [String] = []

    /// Checks a sheet against the list prices it is to go before.
    public init(_ sheet: PriceSheet, over list: [PriceLayer], at now: Timestamp) {
        let base = PriceBook(layers: list)
        let book = PriceBook(layers: list + [PriceLayer(.override, [sheet])])
        if base.providerID(named: sheet.provider) == nil {
            facts.append("\(sheet.provider) is a provider of its own: no built-in sheet is for it")
        } else if base.providerID(named: sheet.provider) != sheet.provider {
            let provider = base.providerID(named: sheet.provider) ?? sheet.provider
            faults.append(
                "the provider is called \(provider) in the sheets; \(sheet.provider) is only another name of it")
        }
        for row in sheet.rows { check(row, base, at: now) }
        for alias in sheet.aliases {
            facts.append("\(alias.name) stands for \(alias.provider.map { $0 + "/" } ?? "")\(alias.model)")
        }
        for (provider, alias) in book.danglingAliases {
            faults.append(
                "the alias \(alias.name) stands for \(alias.provider ?? provider)/\(alias.model), which no sheet lists")
        }
    }

    private mutating func check(_ row: PriceRow, _ base: PriceBook, at now: Timestamp) {
        let instant = row.from < now && now < row.to ? now : row.isFromEver ? now : row.from
        let listed = base.prices(of: row.model, provider: row.provider, at: instant).map(\.row)
        guard let before = listed.first(where: { $0.selector == row.selector && $0.window == row.window }) else {
            let isKnown = !base.prices(of: row.model, provider: row.provider).isEmpty
            facts.append("\(row.id) goes before no list price")
            if !isKnown { warnings.append("\(row.provider) lists no model \(row.model): is the name right?") }
            return
        }
        if before.model != row.model {
            warnings.append(
                "\(row.model) is another name of \(before.model): write that, or calls under other names miss it")
        }
        let classes = TokenClass.disjointClasses.filter { row.rates[$0] != before.rates[$0] }
        let changes = classes.map {
            "\($0.rawValue) \(PriceSheet.dollarsPerMillion(before.rates[$0])) → "
                + PriceSheet.dollarsPerMillion(row.rates[$0])
        }
        facts.append("\(row.id): " + (changes.isEmpty ? "as listed" : changes.joined(separator: ", ")))
        for tokenClass in classes {
            let (old, new) = (Int128(before.rates[tokenClass]), Int128(row.rates[tokenClass]))
            guard old > 5 * new || new > 5 * old else { continue }
            warnings.append("\(row.id): \(tokenClass.rawValue) is more than five times off its list price")
        }
        if row.tiers.isEmpty, !before.tiers.isEmpty {
            warnings.append("\(row.id) has no tiers for long requests; the list price has")
        }
    }
}
