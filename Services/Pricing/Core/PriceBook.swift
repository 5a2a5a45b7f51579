public import Metering

/// All price sheets in force, in layers from the weakest to the strongest: built-in, refreshed, overrides.
public struct PriceBook: Sendable {
    /// A digest of every layer; a charge keeps it, so that history does not move.
    public let version: String
    /// The layers, from the weakest to the strongest.
    public let layers: [PriceLayer]

    private var catalogs: [String: Catalog] = [:]
    private var providerIDs: [String: String] = [:]

    /// Makes a book from layers; what a stronger layer does not cover in time or selector falls to the weaker one.
    public init(layers: [PriceLayer]) {
        self.layers = layers
        var digest = Digest()
        for (level, layer) in layers.enumerated() {
            for sheet in layer.sheets.sorted(by: { ($0.provider, $0.digest) < ($1.provider, $1.digest) }) {
                digest.add("\(level)/\(sheet.provider)/\(sheet.version)/\(sheet.digest);")
                catalogs[sheet.provider, default: Catalog()].add(sheet, layer.kind)
                providerIDs[sheet.provider] = sheet.provider
                for name in sheet.otherNames { providerIDs[name] = sheet.provider }
            }
        }
        version = digest.description
    }

    /// Makes a book of list prices and overrides, the latter from the weakest to the strongest.
    public init(list: [PriceSheet], overrides: [PriceSheet]...) {
        self.init(layers: [PriceLayer(.list, list)] + overrides.map { PriceLayer(.override, $0) })
    }

    /// How many rows all layers hold.
    public var rowCount: Int { layers.reduce(0) { $0 + $1.sheets.reduce(0) { $0 + $1.rows.count } } }

    /// The providers that have a sheet, in order.
    public var providers: [String] { catalogs.keys.sorted() }

    /// The last day on which each provider's list prices were what it publishes, by provider, where its sheets say so.
    public var catalogueDays: [String: CivilDay] {
        let sheets = layers.filter { $0.kind == .list }.flatMap(\.sheets)
        return Dictionary(sheets.compactMap { sheet in sheet.asOf.map { (sheet.provider, $0) } }, uniquingKeysWith: max)
    }

    /// The sheet's name for a provider, whatever it is called; `nil` when no sheet is for it.
    public func providerID(named name: String) -> String? {
        providerIDs[name] ?? providerIDs[name.lowercased()]
    }

    /// Aliases whose model no sheet lists, with their provider: each a name that would never find a price.
    public var danglingAliases: [(provider: String, alias: ModelAlias)] {
        catalogs.sorted { $0.key < $1.key }.flatMap { provider, catalog in
            catalog.aliases.filter { alias in
                let owner = alias.provider.map { providerID(named: $0) ?? $0 } ?? provider
                return catalogs[owner]?.rowsByModel[alias.model] == nil
            }.map { (provider, $0) }
        }
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
