public import Foundation
public import Rating
public import Settings

/// Where the layers of prices lie: built-in sheets, then what was refreshed, then overrides.
public struct PriceFolders: Hashable, Sendable {
    /// Sheets to use instead of the built-in ones; `nil` for those.
    public let base: URL?
    /// What `tollbook prices refresh` keeps, one sheet for each provider.
    public let refreshed: URL
    /// Sheets that go before all others, such as contracts and private deployments.
    public let overrides: URL
    private let areOverridesRequired: Bool

    /// Finds the folders; a parameter wins over its variable, a variable over the place below the data folder.
    ///
    /// - Parameters:
    ///   - prices: the folder of base sheets; else `TOLLBOOK_PRICES`, else the built-in ones.
    ///   - overrides: the folder of overrides; else `TOLLBOOK_PRICE_OVERRIDES`, else `pricing/prices.d`.
    ///   - data: the folder with one folder for each service.
    public init(prices: String? = nil, overrides: String? = nil, data: String = DataDirectory.root) {
        base = (prices ?? Environment.text("TOLLBOOK_PRICES")).map { URL(filePath: $0) }
        refreshed = URL(filePath: data + "/pricing/refreshed")
        let named = overrides ?? Environment.text("TOLLBOOK_PRICE_OVERRIDES")
        self.overrides = URL(filePath: named ?? data + "/pricing/prices.d")
        areOverridesRequired = named != nil
    }

    /// Reads all layers.
    ///
    /// - Throws: `PriceSheetError` naming file, line and fault; also where a folder that was named is not there, and
    ///   where an alias stands for a model that no sheet lists.
    public func book() throws(PriceSheetError) -> PriceBook {
        let agreed = try PriceSheets.sheets(ifAnyIn: overrides, isRequired: areOverridesRequired)
        let book = PriceBook(layers: try listLayers() + [PriceLayer(.override, agreed)])
        if let (provider, alias) = book.danglingAliases.first {
            let owner = alias.provider ?? provider
            throw PriceSheetError(
                file: provider, line: 0,
                fault: "the alias \"\(alias.name)\" stands for \(owner)/\(alias.model), which no sheet lists")
        }
        return book
    }

    /// Reads the list prices alone: what an override is checked against, and what a refresh adds to.
    public func listLayers() throws(PriceSheetError) -> [PriceLayer] {
        [PriceLayer(.list, try baseSheets()), PriceLayer(.list, try refreshedSheets())]
    }

    private func baseSheets() throws(PriceSheetError) -> [PriceSheet] {
        guard let base else { return try PriceSheets.embedded() }
        return try PriceSheets.sheets(in: base)
    }

    /// What was refreshed so far.
    public func refreshedSheets() throws(PriceSheetError) -> [PriceSheet] {
        try PriceSheets.sheets(ifAnyIn: refreshed, isRequired: false)
    }

    /// The files of all folders that may change, with size and time of change: it differs whenever one of them does.
    public var state: [String] {
        [base, refreshed, overrides].compactMap(\.self).flatMap { folder in
            let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
            let files =
                (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys)))
                ?? []
            return files.filter { $0.pathExtension == "json" }.map { file in
                let values = try? file.resourceValues(forKeys: keys)
                let time = values?.contentModificationDate?.timeIntervalSinceReferenceDate ?? 0
                return "\(file.path) \(values?.fileSize ?? -1) \(time)"
            }.sorted()
        }
    }
}
