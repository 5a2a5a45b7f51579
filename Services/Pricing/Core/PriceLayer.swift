/// Sheets of one rank in a price book.
public struct PriceLayer: Hashable, Sendable {
    /// How a layer stands to those below it.
    public enum Kind: Hashable, Sendable {
        /// List prices: of several layers of them the row that began last holds, whichever layer it is in.
        ///
        /// So a refreshed price goes before an older built-in one, and a newer release's price before an older refresh.
        case list
        /// What was agreed, such as a contract: goes before every list price for as long as it holds.
        case override
    }

    /// How it stands to those below it.
    public var kind: Kind
    /// The sheets, one or more of each provider.
    public var sheets: [PriceSheet]

    /// Makes a layer.
    public init(_ kind: Kind, _ sheets: [PriceSheet]) {
        self.kind = kind
        self.sheets = sheets
    }
}
