public import Metering

/// A row of the price book as it is shown to people.
public struct ListedPrice: Hashable, Sendable {
    /// The row.
    public let row: PriceRow
    /// Whether it is an override rather than a list price.
    public let isOverride: Bool
    /// The steps that led from the name asked for to the row's model, as a charge shows them.
    public let nameRule: String
}

extension PriceBook {
    /// The rows that a name stands for, at every provider that knows it; for showing prices, not for pricing.
    ///
    /// - Parameters:
    ///   - name: a model's name in any spelling that pricing takes.
    ///   - provider: only this provider's, by any of its names.
    ///   - instant: only the rows in force then; `nil` for all of them.
    public func prices(of name: String, provider: String? = nil, at instant: Timestamp? = nil) -> [ListedPrice] {
        let parsed = ModelName(name)
        let names = [parsed.text] + withoutRoute(parsed.text)
        let wanted = provider.map { providerID(named: $0) ?? $0 }
        return providers.filter { wanted == nil || wanted == $0 }.flatMap { provider in
            for (index, text) in names.enumerated() {
                let rules = parsed.rules + Array(repeating: "route", count: index)
                for candidate in ModelName.candidates(for: text) where catalog(provider)?.knows(candidate.name) == true
                {
                    return prices(candidate, rules: rules, provider, at: instant)
                }
            }
            return []
        }
    }

    /// Every row, in the order of providers, models and time.
    ///
    /// - Parameters:
    ///   - provider: only this provider's, by any of its names.
    ///   - instant: only the rows in force then; `nil` for all of them.
    public func prices(provider: String? = nil, at instant: Timestamp? = nil) -> [ListedPrice] {
        let wanted = provider.map { providerID(named: $0) ?? $0 }
        return providers.filter { wanted == nil || wanted == $0 }.flatMap { provider in
            guard let catalog = catalog(provider) else { return [ListedPrice]() }
            return catalog.rowsByModel.keys.sorted().flatMap { catalog.listed($0, rule: "exact", at: instant) }
        }
    }

    /// The name without leading segments that name a provider, one after the other.
    private func withoutRoute(_ name: String) -> [String] {
        var names: [String] = []
        var rest = name[...]
        while let slash = rest.firstIndex(of: "/"), providerID(named: String(rest[..<slash])) != nil {
            rest = rest[rest.index(after: slash)...]
            names.append(String(rest))
        }
        return names
    }

    private func prices(
        _ candidate: ModelName.Candidate, rules: [String], _ provider: String, at instant: Timestamp?
    ) -> [ListedPrice] {
        guard let catalog = catalog(provider) else { return [] }
        let targets =
            instant.map { catalog.target(of: candidate.name, at: $0).map { [$0] } ?? [] }
            ?? catalog.targets(of: candidate.name).sorted {
                ($0.provider ?? "", $0.model) < ($1.provider ?? "", $1.model)
            }
        return targets.flatMap { target in
            let owner = target.provider.flatMap { providerID(named: $0) }.flatMap { self.catalog($0) } ?? catalog
            let last = target.model == candidate.name ? "exact" : "alias"
            let rule = (rules + candidate.rules + [last]).joined(separator: "+")
            let prices = owner.listed(target.model, rule: rule, at: instant)
            guard let speed = candidate.speed else { return prices }
            let tier = owner.serviceTierAliases[speed]
            return prices.filter {
                $0.row.selector.speed == speed || (tier != nil && $0.row.selector.serviceTier == tier)
            }
        }
    }
}

extension Catalog {
    /// A model's rows in the order of time, all of them or those in force at an instant.
    fileprivate func listed(_ model: String, rule: String, at instant: Timestamp?) -> [ListedPrice] {
        let layers = rowsByModel[model, default: []]
        var prices = layers.flatMap { layer in
            layer.entries.map { ListedPrice(row: $0, isOverride: layer.kind == .override, nameRule: rule) }
        }
        if let instant {
            var inForce: Set<PriceRow> = []
            for selector in Set(prices.map(\.row.selector)) {
                inForce.formUnion(rows(of: model, selector: selector, at: instant))
            }
            prices.removeAll { !inForce.contains($0.row) }
        }
        return prices.sorted { ($0.row.from.nanoseconds, $0.row.id) < ($1.row.from.nanoseconds, $1.row.id) }
    }
}
