public import Metering

/// The price rows of one provider, as one file holds them.
///
/// The form is strict: an unknown member, a rate that is no whole number of picodollars, two rows for the same
/// instant, or an alias of nothing is an error that names the line. Rates are read from their text, exactly.
public struct PriceSheet: Hashable, Sendable {
    /// The only form this code reads.
    public static let format: Int64 = 1

    /// The provider's name, such as `anthropic`.
    public var provider: String
    /// Whether the provider makes the models it serves; only those are found by a model's name alone.
    public var isFirstParty: Bool
    /// Other names of the provider.
    public var otherNames: [String]
    /// Providers whose sheets are asked next, such as the other platform of the same company.
    public var includes: [String]
    /// Its author's name for this state of it.
    public var version: String
    /// The last day of UTC on which its prices were what the provider publishes; `nil` where the sheet does not say.
    public var asOf: CivilDay?
    /// A digest of the file's text: what tells two states apart whatever they call themselves.
    public var digest: String
    /// Names of service tiers that mean another, such as `fast` for `priority`.
    public var serviceTierAliases: [String: String]
    /// The rows.
    public var rows: [PriceRow]
    /// Other names of models.
    public var aliases: [ModelAlias]

    /// Reads a sheet.
    ///
    /// - Parameters:
    ///   - bytes: the file's text.
    ///   - name: the file's name, for errors.
    public init(decoding bytes: [UInt8], name: String) throws(PriceSheetError) {
        self = try PriceSheetReader.read(bytes, name: name)
        var digest = Digest()
        digest.add(bytes)
        self.digest = digest.description
    }

    /// Makes a sheet without rows; set what else it holds.
    public init(provider: String) {
        self.provider = provider
        isFirstParty = false
        otherNames = []
        includes = []
        version = ""
        digest = ""
        serviceTierAliases = [:]
        rows = []
        aliases = []
    }
}

/// Why a price sheet was refused.
public struct PriceSheetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// The line, from 1; 0 when the fault has no place.
    public let line: Int
    /// What is wrong.
    public let fault: String

    /// Makes an error.
    public init(file: String, line: Int, fault: String) {
        self.file = file
        self.line = line
        self.fault = fault
    }

    /// The file, the line and the fault.
    public var description: String {
        line > 0 ? "\(file):\(line): \(fault)" : "\(file): \(fault)"
    }
}
