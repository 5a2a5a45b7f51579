import Metering
import Wire

extension PriceSheet {
    /// The sheet as text that ``init(decoding:name:)`` reads back, one row a line, every rate stated.
    public var json: [UInt8] {
        var text = Array("{\n".utf8)
        func member(_ name: String, _ write: (inout JSONWriter) -> Void) {
            var json = JSONWriter(capacity: 256)
            write(&json)
            text += Array("  \"\(name)\":".utf8) + json.bytes + Array(",\n".utf8)
        }
        member("format") { $0.integer(Self.format) }
        member("provider") { $0.string(provider) }
        if isFirstParty { member("first_party") { $0.bool(true) } }
        if !otherNames.isEmpty { member("also") { $0.strings(otherNames) } }
        if !includes.isEmpty { member("includes") { $0.strings(includes) } }
        member("version") { $0.string(version) }
        if let asOf { member("as_of") { $0.string(asOf.description) } }
        member("unit") { $0.string("USD per million tokens") }
        if !serviceTierAliases.isEmpty {
            member("selector_aliases") { json in
                json.object { json in
                    json.key("service_tier")
                    json.object { json in
                        for (name, tier) in serviceTierAliases.sorted(by: { $0.key < $1.key }) {
                            json.key(dynamic: name)
                            json.string(tier)
                        }
                    }
                }
            }
        }
        text += Self.list("rows", rows) { $0.row($1) } + Array(",\n".utf8)
        return text + Self.list("aliases", aliases) { $0.alias($1) } + Array("\n}\n".utf8)
    }

    private static func list<Element>(
        _ name: String, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) -> [UInt8] {
        var text = Array("  \"\(name)\":[".utf8)
        for (index, element) in elements.enumerated() {
            var json = JSONWriter(capacity: 256)
            write(&json, element)
            text += Array((index == 0 ? "\n    " : ",\n    ").utf8) + json.bytes
        }
        return text + Array((elements.isEmpty ? "]" : "\n  ]").utf8)
    }

    /// A rate as dollars per million tokens, in full: picodollars per token with the point moved six digits.
    public static func dollarsPerMillion(_ picodollars: Int64) -> String {
        let (whole, fraction) = picodollars.quotientAndRemainder(dividingBy: 1_000_000)
        guard fraction != 0 else { return String(whole) }
        var digits = Substring(String(1_000_000 + fraction).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ values: [String]) {
        array { json in
            for value in values { json.string(value) }
        }
    }

    /// Writes a row as a sheet holds it.
    fileprivate mutating func row(_ row: PriceRow) {
        object { json in
            json.member("model", row.model)
            json.interval(row.from, row.to)
            if row.selector != .standard {
                json.key("when")
                json.object { json in
                    json.member("service_tier", row.selector.serviceTier)
                    json.member("speed", row.selector.speed)
                }
            }
            if let window = row.window { json.window(window) }
            json.key("rates")
            json.rates(row.rates)
            if !row.tiers.isEmpty { json.tiers(row.tiers) }
            if !row.uplifts.isEmpty { json.uplifts(row.uplifts) }
            if let fee = row.webSearchFee {
                json.key("fees")
                json.object { $0.member("web_search", fee) }
            }
            json.member("source", row.source)
        }
    }

    fileprivate mutating func alias(_ alias: ModelAlias) {
        object { json in
            json.member("name", alias.name)
            json.member("model", alias.model)
            json.member("provider", alias.provider)
            json.interval(alias.from, alias.to)
        }
    }

    private mutating func interval(_ from: Timestamp, _ to: Timestamp) {
        if from != .distantPast { member("from", from) }
        if to != .distantFuture { member("to", to) }
    }

    private mutating func rates(_ rates: Rates) {
        object { json in
            for tokenClass in TokenClass.disjointClasses {
                json.key(dynamic: tokenClass.rawValue)
                json.string(PriceSheet.dollarsPerMillion(rates[tokenClass]))
            }
        }
    }

    private mutating func tiers(_ tiers: [ContextTier]) {
        key("tiers")
        array { json in
            for tier in tiers {
                json.object { json in
                    json.member("at", tier.minimumInput)
                    json.key("rates")
                    json.rates(tier.rates)
                }
            }
        }
    }

    private mutating func uplifts(_ uplifts: [GeoUplift]) {
        key("uplifts")
        array { json in
            for uplift in uplifts {
                json.object { json in
                    json.member("geo", uplift.geo)
                    json.member("factor", uplift.factor.description)
                }
            }
        }
    }

    private mutating func window(_ window: PriceWindow) {
        key("window")
        object { json in
            json.key("days")
            json.array { json in
                for day in window.days.sorted() { json.integer(Int64(day)) }
            }
            json.key("hours")
            json.strings(window.hours.map { PriceWindow.clock($0.lowerBound) + "-" + PriceWindow.clock($0.upperBound) })
            json.member("offset", window.offsetText)
            if !window.exceptions.isEmpty {
                json.key("except")
                json.strings(window.exceptions.map(\.description).sorted())
            }
        }
    }
}
