import Metering

/// Finds the prices that a reported name stands for: route, grammar, exact aliases, then rows over time.
struct NameResolver {
    let book: PriceBook

    /// What tells one line of prices from another.
    struct Key: Hashable {
        var provider: String?
        var model: String
        var serviceTier: String?
        var speed: String?
        var geo: String?
    }

    func line(for key: Key) -> PriceLine {
        let name = ModelName(key.model)
        if name.isSynthetic { return PriceLine(always: .notACall) }
        guard !name.text.isEmpty else { return PriceLine(always: .unpriced(.missingModel)) }
        let route: Route
        do throws(Unresolved) {
            route = try self.route(name, provider: key.provider)
        } catch {
            return PriceLine(always: .unpriced(error.reason))
        }
        var reason = UnpricedReason.unknownModel
        for candidate in ModelName.candidates(for: route.name) {
            for regional in regionalNames(candidate.name, region: route.region, provider: route.provider) {
                do throws(Unresolved) {
                    guard let provider = try provider(listing: regional, on: route) else { continue }
                    let found = Found(
                        provider: provider, name: regional, rules: route.rules + candidate.rules,
                        namedSpeed: candidate.speed, assumptions: route.assumptions)
                    if let line = line(of: found, key: key) { return line }
                    reason = .selectorNotListed
                } catch {
                    return PriceLine(always: .unpriced(error.reason))
                }
            }
        }
        return PriceLine(always: .unpriced(reason))
    }

    private struct Unresolved: Error {
        let reason: UnpricedReason
    }

    /// Whose sheet to ask, and for what name.
    private struct Route {
        var provider: String?
        var name: String
        var region: String?
        var rules: [String]
        var assumptions: [String] = []
    }

    private struct Found {
        let provider: String
        let name: String
        let rules: [String]
        let namedSpeed: String?
        let assumptions: [String]
    }

    /// Decides who bills the call: the reported provider, unless the name tells a host more exactly.
    private func route(_ name: ModelName, provider reported: String?) throws(Unresolved) -> Route {
        var route = Route(provider: nil, name: name.text, region: name.region, rules: name.rules)
        if let reported, !reported.isEmpty {
            guard let id = book.providerID(named: reported) else { throw Unresolved(reason: .unknownProvider) }
            route.provider = id
        }
        // A host bills what it hosts: there a path is part of the model's name.
        if let provider = route.provider, book.provider(provider, listing: route.name) != nil { return route }
        takePrefix(&route)
        if let platform = name.platform, isOpen(route.provider), book.catalog(platform) != nil {
            route.provider = platform
        }
        if route.provider == "bedrock", route.region == nil, let slash = route.name.firstIndex(of: "/") {
            route.region = String(route.name[..<slash])
            route.name = String(route.name[route.name.index(after: slash)...])
            route.rules.append("region")
        }
        return route
    }

    /// Takes leading path segments that name a provider: `openrouter/`, `bedrock/`, `anthropic/`.
    private func takePrefix(_ route: inout Route) {
        while let slash = route.name.firstIndex(of: "/") {
            let head = String(route.name[..<slash])
            guard let id = book.providerID(named: head) else { return }
            if id != route.provider {
                guard isOpen(route.provider) else { return }
                if route.provider != nil { route.assumptions.append("provider_from_model_name") }
                route.provider = id
            }
            route.name = String(route.name[route.name.index(after: slash)...])
            route.rules.append("route")
            if book.provider(id, listing: route.name) != nil { return }
        }
    }

    /// Whether a name may still tell another biller: nobody was named, or the maker whose client was used.
    private func isOpen(_ provider: String?) -> Bool {
        guard let provider else { return true }
        return book.catalog(provider)?.isFirstParty == true
    }

    private func regionalNames(_ name: String, region: String?, provider: String?) -> [String] {
        guard let region, provider == "bedrock" else { return [name] }
        let area = region.hasPrefix("us-gov") ? ["us-gov.\(name)"] : []
        return ["\(region)/\(name)"] + area + [name]
    }

    private func provider(listing name: String, on route: Route) throws(Unresolved) -> String? {
        if let provider = route.provider { return book.provider(provider, listing: name) }
        let makers = book.firstParties(listing: name)
        guard makers.count <= 1 else { throw Unresolved(reason: .ambiguousModel) }
        return makers.first
    }

    /// The prices over time; `nil` when the name picks a speed for which the model has no price at any time.
    private func line(of found: Found, key: Key) -> PriceLine? {
        guard let catalog = book.catalog(found.provider) else { return nil }
        var boundaries = catalog.aliasBoundaries(of: found.name)
        for target in catalog.targets(of: found.name) {
            boundaries += owner(of: target, beside: catalog)?.rowBoundaries(of: target.model) ?? []
        }
        var stretches: [PriceLine.Stretch] = []
        var isListed = false
        var start = Timestamp.distantPast
        for end in Set(boundaries).union([.distantFuture]).filter({ $0 > .distantPast }).sorted() {
            let outcome = outcome(of: found, key: key, in: catalog, at: start)
            if case .priced = outcome { isListed = true }
            stretches.append(PriceLine.Stretch(end: end, outcome: outcome))
            start = end
        }
        return isListed || found.namedSpeed == nil ? PriceLine(stretches: stretches) : nil
    }

    /// The catalog with a target's rows: an alias may stand for another provider's model.
    private func owner(of target: Catalog.Target, beside catalog: Catalog) -> Catalog? {
        guard let provider = target.provider else { return catalog }
        return book.providerID(named: provider).flatMap(book.catalog)
    }

    private func outcome(of found: Found, key: Key, in catalog: Catalog, at instant: Timestamp) -> PriceLine.Outcome {
        guard let target = catalog.target(of: found.name, at: instant), let owner = owner(of: target, beside: catalog)
        else { return .unpriced(.notListedThen) }
        let wanted = selector(for: found, key: key, in: owner)
        var accepted = [wanted]
        // A speed in the model's name is part of what was ordered; without a price for it there is none.
        if found.namedSpeed == nil {
            accepted += [
                PriceSelector(speed: wanted.speed), PriceSelector(serviceTier: wanted.serviceTier), .standard,
            ]
        }
        for selector in accepted {
            let rows = owner.rows(of: target.model, selector: selector, at: instant)
            guard !rows.isEmpty else { continue }
            var assumptions = found.assumptions
            if selector.serviceTier != wanted.serviceTier { assumptions.append("standard_service_tier") }
            if selector.speed != wanted.speed { assumptions.append("standard_speed") }
            let rule = (found.rules + [target.model == found.name ? "exact" : "alias"]).joined(separator: "+")
            return .priced(rows.map { priced($0, rule: rule, geo: key.geo, assumptions: assumptions) })
        }
        return .unpriced(found.namedSpeed == nil ? .notListedThen : .selectorNotListed)
    }

    /// What was asked for, in the sheet's words: where a provider sells speed as a service tier, `fast` is that tier.
    private func selector(for found: Found, key: Key, in catalog: Catalog) -> PriceSelector {
        var tier = PriceSelector.serviceTier(named: key.serviceTier)
        var speed = found.namedSpeed ?? PriceSelector.speed(named: key.speed)
        if let name = tier { tier = catalog.serviceTierAliases[name] ?? name }
        if let name = speed, let alias = catalog.serviceTierAliases[name] {
            tier = tier ?? alias
            speed = nil
        }
        return PriceSelector(serviceTier: tier, speed: speed)
    }

    private func priced(_ row: PriceRow, rule: String, geo reported: String?, assumptions: [String]) -> PricedRow {
        let geo = PriceSelector.geo(named: reported)
        var assumptions = assumptions
        var factor = Factor.one
        if let geo, !row.uplifts.isEmpty {
            if let uplift = row.uplifts.first(where: { $0.geo == geo }) ?? row.uplifts.first(where: { $0.geo == "*" }) {
                factor = uplift.factor
            } else {
                assumptions.append("no_regional_premium")
            }
        }
        return PricedRow(row, nameRule: rule, factor: factor, assumptions: assumptions)
    }
}
