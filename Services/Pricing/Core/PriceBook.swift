import Metering

/// All price sheets in force: layers of them, a later layer before an earlier one.
public struct PriceBook: Sendable {
    /// A digest of every layer; a charge keeps it, so that history does not move.
    public let version: String
    /// The sheets, by layer, from the weakest to the strongest.
    public let layers: [[PriceSheet]]

    private var catalogs: [String: Catalog] = [:]
    private var providerIDs: [String: String] = [:]

    /// Makes a book from layers: embedded sheets, refreshed sheets, overrides.
    ///
    /// A stronger layer's rows are asked first; what they do not cover in time or selector falls to the weaker layer.
    public init(layers: [[PriceSheet]]) {
        self.layers = layers
        var digest = Digest()
        for (level, sheets) in layers.enumerated() {
            for sheet in sheets.sorted(by: { $0.provider < $1.provider }) {
                digest.add("\(level)/\(sheet.provider)/\(sheet.version);")
                catalogs[sheet.provider, default: Catalog()].add(sheet)
                providerIDs[sheet.provider] = sheet.provider
                for name in sheet.otherNames { providerIDs[name] = sheet.provider }
            }
        }
        version = digest.description
    }

    /// How many rows all layers hold.
    public var rowCount: Int { layers.joined().reduce(0) { $0 + $1.rows.count } }

    /// The sheet's name for a provider, whatever it is called; `nil` when no sheet is for it.
    public func providerID(named name: String) -> String? {
        providerIDs[name] ?? providerIDs[name.lowercased()]
    }

    /// Every row for a model, with its provider, in the order of time; for showing prices, not for pricing.
    public func rows(model: String, provider: String? = nil) -> [PriceRow] {
        let wanted = catalogs.filter { provider == nil || $0.key == provider }
        let rows = wanted.values.flatMap { catalog in
            catalog.models(named: model).flatMap { catalog.rowsByModel[$0] ?? [] }.flatMap(\.self)
        }
        return rows.sorted { ($0.provider, $0.from.nanoseconds, $0.id) < ($1.provider, $1.from.nanoseconds, $1.id) }
    }

    func catalog(_ provider: String) -> Catalog? { catalogs[provider] }

    /// The provider of the same company whose sheet has the name, beginning with `provider` itself.
    func provider(_ provider: String, listing name: String) -> String? {
        guard let catalog = catalogs[provider] else { return nil }
        if catalog.knows(name) { return provider }
        return catalog.includes.first { catalogs[$0]?.knows(name) == true }
    }

    /// The first-party providers that list a name.
    func firstParties(listing name: String) -> [String] {
        catalogs.filter { $0.value.isFirstParty && $0.value.knows(name) }.keys.sorted()
    }
}

/// One provider's rows and names, of all layers.
struct Catalog: Sendable {
    private(set) var isFirstParty = false
    private(set) var includes: [String] = []
    private(set) var serviceTierAliases: [String: String] = [:]
    /// The rows of a model, by layer from the strongest to the weakest.
    private(set) var rowsByModel: [String: [[PriceRow]]] = [:]
    private var aliasesByName: [String: [ModelAlias]] = [:]

    mutating func add(_ sheet: PriceSheet) {
        isFirstParty = isFirstParty || sheet.isFirstParty
        for provider in sheet.includes where !includes.contains(provider) { includes.append(provider) }
        serviceTierAliases.merge(sheet.serviceTierAliases) { $1 }
        for (model, rows) in Dictionary(grouping: sheet.rows, by: \.model) {
            rowsByModel[model, default: []].insert(rows, at: 0)
        }
        for (name, aliases) in Dictionary(grouping: sheet.aliases, by: \.name) {
            aliasesByName[name, default: []].insert(contentsOf: aliases, at: 0)
        }
    }

    func knows(_ name: String) -> Bool {
        rowsByModel[name] != nil || aliasesByName[name] != nil
    }

    /// Every model that a name stands for at some time.
    func models(named name: String) -> Set<String> {
        var models = Set(aliasesByName[name, default: []].map(\.model))
        if rowsByModel[name] != nil { models.insert(name) }
        return models
    }

    /// The model that a name stands for at an instant; an alias of a stronger layer comes before a model's own name.
    func model(named name: String, at instant: Timestamp) -> String? {
        if let alias = aliasesByName[name]?.first(where: { $0.from <= instant && instant < $0.to }) {
            return alias.model
        }
        return rowsByModel[name] != nil ? name : nil
    }

    /// The instants at which the meaning or the price of a name may change.
    func boundaries(of name: String) -> Set<Timestamp> {
        var instants: Set<Timestamp> = []
        for alias in aliasesByName[name, default: []] { instants.formUnion([alias.from, alias.to]) }
        for model in models(named: name) {
            for row in rowsByModel[model, default: []].joined() { instants.formUnion([row.from, row.to]) }
        }
        return instants
    }

    /// The rows of a model that hold at an instant for a selector, the strongest layer that has any; windowed ones
    /// first.
    func rows(of model: String, selector: PriceSelector, at instant: Timestamp) -> [PriceRow] {
        for layer in rowsByModel[model, default: []] {
            let rows = layer.filter { $0.selector == selector && $0.from <= instant && instant < $0.to }
            if !rows.isEmpty { return rows.sorted { $0.window != nil && $1.window == nil } }
        }
        return []
    }
}

/// The 64-bit FNV-1a hash, as 16 hexadecimal digits: a short name for content, not a guard against forgery.
struct Digest: CustomStringConvertible {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    mutating func add(_ text: String) { add(text.utf8) }

    var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
