import ArgumentParser
import Console
import FoundationEssentials
import Metering
import PriceSheets
import Rating
import Repricing
import Settings
import WallClock

struct Prices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show prices, check overrides, take in newly published prices.",
        subcommands: [List.self, Check.self, Refresh.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the prices of a model: every row over time, or those in force at one.")

        @Argument(help: "A model, by any of its names; all models if left out.")
        var model: String?

        @Option(help: "Only this provider's prices.")
        var provider: String?

        @Option(help: "Only what was in force then: an instant or a day. Without a model: now, unless given.")
        var at: Instant?

        @Flag(name: .shortAndLong, help: "Print JSON.")
        var json = false

        @OptionGroup var layers: PriceLayerOptions

        func run() throws {
            let book = try layers.folders().book()
            if let provider, book.providerID(named: provider) == nil {
                throw Failure("no sheet is for \(provider); there are \(book.providers.joined(separator: ", "))")
            }
            let prices =
                model.map { book.prices(of: $0, provider: provider, at: at?.timestamp) }
                ?? book.prices(provider: provider, at: at?.timestamp ?? .now)
            guard !prices.isEmpty else {
                throw Failure("no price is known for \(model ?? "any model")\(at.map { " at \($0.timestamp)" } ?? "")")
            }
            let table = PriceTable(prices, of: book)
            Terminal.write(json ? table.json.prettyText : table.text(isColoured: Terminal.usesColour))
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a price sheet, such as a contract, before it is put into prices.d.")

        @Argument(help: "The sheets.", completion: .file(extensions: ["json"]))
        var files: [String]

        @OptionGroup var layers: PriceLayerOptions

        func run() throws {
            let list = try layers.folders().listLayers()
            var areGood = true
            for file in files {
                let sheet: PriceSheet
                do throws(PriceSheetError) {
                    sheet = try PriceSheets.sheet(at: URL(filePath: file))
                } catch {
                    Terminal.report("\(error)")
                    areGood = false
                    continue
                }
                let check = OverrideCheck(sheet, over: list, at: .now)
                for fact in check.facts { Terminal.write("\(fact)\n") }
                for warning in check.warnings { Terminal.report("WARN \(file): \(warning)") }
                for fault in check.faults { Terminal.report("\(file): \(fault)") }
                areGood = areGood && check.faults.isEmpty
                if check.faults.isEmpty { Terminal.write("\(file): good, \(sheet.rows.count) rows\n") }
            }
            if !areGood { throw ExitCode.failure }
        }
    }

    struct Refresh: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take newly published list prices in, append-only.",
            discussion: """
                Compares each sheet with the prices in force. A new rate opens a row from now on, or from when its source \
                says; nothing that was in force before is changed. Jumps of more than five times, removals and zeros are \
                quarantined: reported and not taken, until --accept names the model. Running services take the new \
                prices at once. Ends with status 3 where something is quarantined.
                """)

        @Argument(help: "Sheets, or folders of them, such as deploy/generate-prices writes.")
        var sheets: [String]

        @Option(help: "Take this model in though it was quarantined; may be given more than once.")
        var accept: [String] = []

        @Flag(help: "What the sheets do not name says nothing, instead of having been removed.")
        var partial = false

        @Flag(help: "Show what would be taken and change nothing.")
        var dryRun = false

        @Flag(name: .shortAndLong, help: "Print JSON.")
        var json = false

        @OptionGroup var layers: PriceLayerOptions

        func run() throws {
            let folders = try layers.folders()
            var reports: [RefreshReport] = []
            var isQuarantined = false
            for candidate in try candidates() {
                // Read anew for each, since the one before may have been written.
                let list = PriceBook(layers: try folders.listLayers())
                let refresh = PriceRefresh(
                    candidate, book: list,
                    refreshed: try folders.refreshedSheets().first { $0.provider == candidate.provider }, seen: .now,
                    isPartial: partial, accepted: Set(accept))
                isQuarantined = isQuarantined || !refresh.quarantined.isEmpty
                reports.append(RefreshReport(refresh))
                if !dryRun, refresh.isNews { try write(refresh.sheet, to: folders.refreshed.path) }
            }
            if json {
                Terminal.write(JSONDocument.array(reports.map(\.json)).prettyText)
            } else {
                for report in reports { Terminal.write(report.text) }
            }
            if isQuarantined { throw ExitCode(3) }
        }

        private func candidates() throws -> [PriceSheet] {
            try sheets.flatMap { path throws -> [PriceSheet] in
                var isFolder = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                    throw Failure("\(path) is not there")
                }
                let url = URL(filePath: path)
                return isFolder ? try PriceSheets.sheets(in: url) : [try PriceSheets.sheet(at: url)]
            }
        }

        /// Puts the whole sheet in place at once, so that a service never reads a half of it.
        private func write(_ sheet: PriceSheet, to folder: String) throws {
            let text = sheet.json
            _ = try PriceSheet(decoding: text, name: sheet.provider + ".json")
            _ = try DataDirectory.make(folder)
            try Data(text).write(to: URL(filePath: "\(folder)/\(sheet.provider).json"), options: .atomic)
        }
    }
}

/// Where the layers of prices lie.
struct PriceLayerOptions: ParsableArguments {
    @Option(help: "A folder of price sheets to use instead of the built-in ones (TOLLBOOK_PRICES).")
    var prices: String?

    @Option(help: "A folder of price sheets that go before all others (TOLLBOOK_PRICE_OVERRIDES).")
    var priceOverrides: String?

    @Option(help: "The folder for all data; refreshed prices and prices.d are in its folder pricing.")
    var data = DataDirectory.root

    func folders() throws -> PriceFolders {
        try Environment.validate()
        return PriceFolders(prices: prices, overrides: priceOverrides, data: data)
    }
}

/// An instant on the command line: RFC 3339, or a day of UTC, which stands for its first instant.
struct Instant: ExpressibleByArgument {
    let timestamp: Timestamp

    init?(argument: String) {
        guard let timestamp = Timestamp(rfc3339: argument) ?? Timestamp(rfc3339: argument + "T00:00:00Z") else {
            return nil
        }
        self.timestamp = timestamp
    }
}
