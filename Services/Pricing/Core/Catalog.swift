import Metering

/// One provider's rows and names, of all layers.
struct Catalog: Sendable {
    private(set) var isFirstParty = false
    private(set) var includes: [String] = []
    private(set) var serviceTierAliases: [String: String] = [:]
    /// The rows of a model, by layer from the strongest to the weakest.
    private(set) var rowsByModel: [String: [Layered<PriceRow>]] = [:]
    private var aliasesByName: [String: [Layered<ModelAlias>]] = [:]

    /// Rows or aliases of one layer.
    struct Layered<Entry: Sendable>: Sendable {
        let kind: PriceLayer.Kind
        let entries: [Entry]
    }

    mutating func add(_ sheet: PriceSheet, _ kind: PriceLayer.Kind) {
        isFirstParty = isFirstParty || sheet.isFirstParty
        for provider in sheet.includes where !includes.contains(provider) { includes.append(provider) }
        serviceTierAliases.merge(sheet.serviceTierAliases) { $1 }
        for (model, rows) in Dictionary(grouping: sheet.rows, by: \.model) {
            rowsByModel[model, default: []].insert(Layered(kind: kind, entries: rows), at: 0)
        }
        for (name, aliases) in Dictionary(grouping: sheet.aliases, by: \.name) {
            aliasesByName[name, default: []].insert(Layered(kind: kind, entries: aliases), at: 0)
        }
    }

    func knows(_ name: String) -> Bool {
        rowsByModel[name] != nil || aliasesByName[name] != nil
    }

    /// Every alias, in the order of names.
    var aliases: [ModelAlias] {
        aliasesByName.sorted { $0.key < $1.key }.flatMap { $0.value.flatMap(\.entries) }
    }

    /// Every model that a name stands for at some time, with its provider where that is another.
    func targets(of name: String) -> Set<Target> {
        var targets = Set(aliasesByName[name, default: []].flatMap(\.entries).map(Target.init))
        if rowsByModel[name] != nil { targets.insert(Target(provider: nil, model: name)) }
        return targets
    }

    /// A model that a name stands for.
    struct Target: Hashable {
        /// Whose sheet has its rows; `nil` for this catalog's own.
        let provider: String?
        let model: String

        init(provider: String?, model: String) {
            self.provider = provider
            self.model = model
        }

        init(_ alias: ModelAlias) {
            self.init(provider: alias.provider, model: alias.model)
        }
    }

    /// The model that a name stands for at an instant; an alias of a stronger layer comes before a model's own name.
    func target(of name: String, at instant: Timestamp) -> Target? {
        let alias = strongest(aliasesByName[name], begins: \.from) { $0.holds(at: instant) }.first
        if let alias { return Target(alias) }
        return rowsByModel[name] != nil ? Target(provider: nil, model: name) : nil
    }

    /// The instants at which a name's meaning may change.
    func aliasBoundaries(of name: String) -> [Timestamp] {
        aliasesByName[name, default: []].flatMap(\.entries).flatMap { [$0.from, $0.to] }
    }

    /// The instants at which a model's price may change.
    func rowBoundaries(of model: String) -> [Timestamp] {
        rowsByModel[model, default: []].flatMap(\.entries).flatMap { [$0.from, $0.to] }
    }

    /// The rows of a model that hold at an instant for a selector, of one layer; windowed ones first.
    func rows(of model: String, selector: PriceSelector, at instant: Timestamp) -> [PriceRow] {
        strongest(rowsByModel[model], begins: \.from) { $0.selector == selector && $0.holds(at: instant) }
            .sorted { $0.window != nil && $1.window == nil }
    }

    /// The entries that hold, of the strongest override that has any, else of the list layer with the latest of them.
    private func strongest<Entry>(
        _ layers: [Layered<Entry>]?, begins: (Entry) -> Timestamp, where holds: (Entry) -> Bool
    ) -> [Entry] {
        var latest: [Entry] = []
        var start = Timestamp.distantPast
        for layer in layers ?? [] {
            let entries = layer.entries.filter(holds)
            guard let begin = entries.map(begins).max() else { continue }
            if layer.kind == .override { return entries }
            guard latest.isEmpty || begin > start else { continue }
            (latest, start) = (entries, begin)
        }
        return latest
    }
}
