import Metering
import Wire

/// Reads a price sheet's JSON text; members that rows refer to must stand before the rows.
struct PriceSheetReader {
    private let name: String
    private var format: Int64?
    private var sheet: PriceSheet
    private var sources: [String] = []
    private var inherit: [TokenClass: TokenClass] = [:]

    static func read(_ bytes: [UInt8], name: String) throws(PriceSheetError) -> PriceSheet {
        var reader = PriceSheetReader(name: name)
        do throws(JSONError) {
            var json = JSONReader(bytes)
            try json.object { key, json throws(JSONError) in try reader.member(key, &json) }
            try json.finish()
        } catch {
            let line = bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
            throw PriceSheetError(file: name, line: line, fault: error.member ?? error.reason.rawValue)
        }
        return try reader.checked()
    }

    private init(name: String) {
        self.name = name
        self.sheet = PriceSheet(provider: "")
    }

    private mutating func member(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "format": format = try json.int64()
        case "provider": sheet.provider = try json.string()
        case "first_party": sheet.isFirstParty = try json.bool()
        case "also": sheet.otherNames = try json.strings()
        case "includes": sheet.includes = try json.strings()
        case "version": sheet.version = try json.string()
        case "as_of":
            let place = json.index
            guard let day = CivilDay(try json.string()) else {
                throw fault("as_of must be a day, YYYY-MM-DD", at: place)
            }
            sheet.asOf = day
        case "generated_from": _ = try json.strings()
        case "unit":
            let place = json.index
            guard try json.string() == "USD per million tokens" else {
                throw fault("the unit must be \"USD per million tokens\"", at: place)
            }
        case "inherit": try readInheritance(&json)
        case "selector_aliases": try readSelectorAliases(&json)
        case "sources": sources = try json.strings()
        case "rows":
            var rows: [PriceRow] = []
            try json.array { json throws(JSONError) in rows.append(try row(&json)) }
            sheet.rows = rows
        case "aliases":
            var aliases: [ModelAlias] = []
            try json.array { json throws(JSONError) in aliases.append(try alias(&json)) }
            sheet.aliases = aliases
        default: throw fault("unknown member \"\(key.string)\"", at: json.index)
        }
    }

    private mutating func readInheritance(_ json: inout JSONReader) throws(JSONError) {
        var classes: [TokenClass: TokenClass] = [:]
        try json.object { key, json throws(JSONError) in
            guard let heir = TokenClass(rawValue: key.string) else {
                throw fault("unknown token class \"\(key.string)\"", at: json.index)
            }
            classes[heir] = try json.name(TokenClass.self)
        }
        inherit = classes
    }

    private mutating func readSelectorAliases(_ json: inout JSONReader) throws(JSONError) {
        var aliases: [String: String] = [:]
        try json.object { key, json throws(JSONError) in
            guard case "service_tier" = key else { throw fault("unknown selector \"\(key.string)\"", at: json.index) }
            try json.object { key, json throws(JSONError) in aliases[key.string] = try json.string() }
        }
        sheet.serviceTierAliases = aliases
    }

    private func alias(_ json: inout JSONReader) throws(JSONError) -> ModelAlias {
        let place = json.index
        var alias = ModelAlias(name: "", model: "")
        try json.object { key, json throws(JSONError) in
            switch key {
            case "name": alias.name = try json.string()
            case "model": alias.model = try json.string()
            case "provider": alias.provider = try json.string()
            case "from": alias.from = try json.timestamp()
            case "to": alias.to = try json.timestamp()
            default: throw fault("unknown member \"\(key.string)\"", at: json.index)
            }
        }
        guard !alias.name.isEmpty, !alias.model.isEmpty, alias.from < alias.to else {
            throw fault("an alias needs a name, a model and a time", at: place)
        }
        return alias
    }

    private func row(_ json: inout JSONReader) throws(JSONError) -> PriceRow {
        let place = json.index
        var fields = RowFields()
        try json.object { key, json throws(JSONError) in
            switch key {
            case "model": fields.model = try json.string()
            case "from": fields.from = try json.timestamp()
            case "to": fields.to = try json.timestamp()
            case "when": fields.selector = try selector(&json)
            case "window": fields.window = try window(&json)
            case "rates": fields.rates = try rates(&json)
            case "tiers":
                try json.array { json throws(JSONError) in fields.tiers.append(try tier(&json)) }
            case "uplifts":
                try json.array { json throws(JSONError) in fields.uplifts.append(try uplift(&json)) }
            case "fees": fields.webSearchFee = try webSearchFee(&json)
            case "source": fields.source = try source(&json)
            default: throw fault("unknown member \"\(key.string)\"", at: json.index)
            }
        }
        return try row(fields, at: place)
    }

    private func row(_ fields: RowFields, at place: Int) throws(JSONError) -> PriceRow {
        guard !fields.model.isEmpty, fields.model == fields.model.lowercased() else {
            throw fault("a row needs a model in lower case", at: place)
        }
        guard fields.from < fields.to else { throw fault("\(fields.model) ends before it begins", at: place) }
        let base = try complete(fields.rates, at: place)
        var tiers: [ContextTier] = []
        for tier in fields.tiers {
            let rates = try complete(fields.rates.merging(tier.rates) { $1 }, at: place)
            guard tier.minimumInput > tiers.last?.minimumInput ?? 0 else {
                throw fault("the tiers of \(fields.model) do not rise", at: place)
            }
            tiers.append(ContextTier(minimumInput: tier.minimumInput, rates: rates))
        }
        return PriceRow(
            provider: sheet.provider, model: fields.model, from: fields.from, to: fields.to,
            selector: fields.selector, window: fields.window, rates: base, tiers: tiers, uplifts: fields.uplifts,
            webSearchFee: fields.webSearchFee, source: fields.source)
    }

    private func complete(_ stated: [TokenClass: Int64], at place: Int) throws(JSONError) -> Rates {
        do throws(Rates.MissingRate) {
            return try Rates(stated: stated, inherit: inherit)
        } catch {
            throw fault("no rate for \(error.tokenClass.rawValue)", at: place)
        }
    }

    private func source(_ json: inout JSONReader) throws(JSONError) -> String {
        if try json.kind() == .string { return try json.string() }
        let place = json.index
        let index = try json.int64()
        guard index >= 0, index < sources.count else {
            throw fault("source \(index) is not in \"sources\", which must stand before the rows", at: place)
        }
        return sources[Int(index)]
    }

    /// Checks what spans several rows.
    private func checked() throws(PriceSheetError) -> PriceSheet {
        func refuse(_ text: String) -> PriceSheetError { PriceSheetError(file: name, line: 0, fault: text) }
        guard format == PriceSheet.format else { throw refuse("the format must be \(PriceSheet.format)") }
        guard !sheet.provider.isEmpty else { throw refuse("the provider is missing") }
        guard !sheet.version.isEmpty else { throw refuse("the version is missing") }
        var byModel: [String: [PriceRow]] = [:]
        for row in sheet.rows {
            if let other = byModel[row.model]?.first(where: row.collides) {
                throw refuse("two prices at once: \(other.id) and \(row.id)")
            }
            byModel[row.model, default: []].append(row)
        }
        var byName: [String: [ModelAlias]] = [:]
        for alias in sheet.aliases {
            guard byModel[alias.name] == nil else { throw refuse("\"\(alias.name)\" is a model and an alias") }
            if byName[alias.name]?.contains(where: { $0.from < alias.to && alias.from < $0.to }) == true {
                throw refuse("the alias \"\(alias.name)\" means two models at once")
            }
            byName[alias.name, default: []].append(alias)
        }
        return sheet
    }
}

/// The members of a row while they are being read.
struct RowFields {
    var model = ""
    var from = Timestamp.distantPast
    var to = Timestamp.distantFuture
    var selector = PriceSelector.standard
    var window: PriceWindow?
    var rates: [TokenClass: Int64] = [:]
    var tiers: [(minimumInput: Int64, rates: [TokenClass: Int64])] = []
    var uplifts: [GeoUplift] = []
    var webSearchFee: Amount?
    var source = ""
}

extension PriceSheetReader {
    /// A fault with its text and place; sheets hold no payload, so their names may be shown.
    func fault(_ text: String, at offset: Int) -> JSONError {
        JSONError(.invalidValue, at: offset, member: text)
    }
}

extension JSONReader {
    mutating func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        try array { json throws(JSONError) in strings.append(try json.string()) }
        return strings
    }
}
