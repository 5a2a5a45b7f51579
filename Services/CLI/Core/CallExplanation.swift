public import Ledger
public import Metering
public import Wire

/// Everything that is known of one call, worded for people: its figures, its price and why, and each observation behind
/// it.
public struct CallExplanation: Hashable, Sendable {
    /// The call with its price.
    public let charge: Charge
    /// What a million tokens of a class cost, in dollars, where every token of it cost the same.
    public let rates: [TokenClass: String]

    /// Explains a charge.
    public init(_ charge: Charge, rates: [TokenClass: String] = [:]) {
        self.charge = charge
        self.rates = rates
    }

    /// Reads an answer of `/v1/calls/{key}`.
    public init(json text: [UInt8]) throws(JSONError) {
        var charge: Charge?
        var rates: [TokenClass: String] = [:]
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "charge": charge = try json.charge()
            case "arithmetic": rates = try json.rates()
            default: try json.skip()
            }
        }
        try json.finish()
        guard let charge else { throw JSONError(.missingMember, at: 0, member: "charge") }
        self.init(charge, rates: rates)
    }

    /// The explanation as text that ends in a line break.
    public func text(isColoured: Bool) -> String {
        var text = facts.map { label, value in
            let padding = String(repeating: " ", count: max(0, 10 - label.count))
            return (isColoured ? Colour.cyan.paint(label) : label) + padding + value + "\n"
        }.joined()
        text += "\n" + tokenTable.text(isColoured: isColoured)
        if !charge.call.evidence.items.isEmpty { text += "\n" + evidenceTable.text(isColoured: isColoured) }
        for verdict in Evidence.Verdict.allCases {
            guard let count = charge.call.evidence.omitted[verdict] else { continue }
            text += "and \(count) more \(verdict.rawValue)\n"
        }
        return text
    }

    private var facts: [(label: String, value: String)] {
        let call = charge.call
        let model = call.model ?? UsageReport.unnamedModel
        var facts = [
            ("Call", call.key.rawValue),
            ("State", "revision \(call.revision) (\(call.reason.rawValue)), \(call.quality.rawValue)"),
            ("When", call.eventTime.description),
            (
                "Session",
                call.scope.harness.rawValue + "  " + call.scope.session
                    + (call.scope.isSessionKnown ? "" : " (not named by its source)")
            ),
            ("Model", model + (call.reportedModel.map { $0 == model ? "" : " (reported as \($0))" } ?? "")),
        ]
        if call.isRetracted {
            let words = call.replacement.map { "it counts as \($0.rawValue) now" } ?? "it no longer counts"
            facts.append(("Retracted", words))
        }
        let attribution = call.attribution
        let people = [
            ("caller", attribution.caller), ("agent", attribution.agentName), ("project", attribution.project),
            ("user", attribution.user), ("team", attribution.team),
        ]
        let known = people.compactMap { name, value in value.map { "\(name) \($0)" } }
        if !known.isEmpty { facts.append(("For", known.joined(separator: ", "))) }
        facts.append(("Cost", cost))
        if let reported = call.reportedCost { facts.append(("Reported", "$\(reported)")) }
        facts.append(("Price", price))
        return facts
    }

    private var cost: String {
        let rating = charge.rating
        guard let cost = rating.cost else {
            return rating.status.rawValue + (rating.reason.map { ": \($0)" } ?? "")
        }
        return "$\(cost)" + (rating.isEstimated ? " (estimated)" : "")
    }

    private var price: String {
        let rating = charge.rating
        var parts = [
            rating.row, rating.priceBookVersion.map { "sheets \($0)" }, rating.nameRule.map { "name by \($0)" },
        ]
        parts.append(rating.fees.map { "fees $\($0)" })
        parts.append(rating.assumptions.isEmpty ? nil : "assumed " + rating.assumptions.joined(separator: ", "))
        let known = parts.compactMap { $0 }
        return known.isEmpty ? "none" : known.joined(separator: ", ")
    }

    private var tokenTable: TextTable {
        var table = TextTable(columns: [
            .init("Tokens"), .init("Count", isRightAligned: true), .init("USD per million", isRightAligned: true),
            .init("Cost (USD)", isRightAligned: true),
        ])
        for tokenClass in TokenClass.allCases {
            guard let count = charge.call.tokens[tokenClass] else { continue }
            let cost = charge.rating.costByClass[tokenClass].map { "$\($0)" } ?? ""
            table.rows.append(
                .init(
                    [tokenClass.rawValue, NumberText.grouped(count), rates[tokenClass] ?? "", cost], isRuled: false))
        }
        if let fees = charge.rating.fees { table.rows.append(.init(["fees", "", "", "$\(fees)"], isRuled: false)) }
        if let cost = charge.rating.cost { table.rows.append(.init(["together", "", "", "$\(cost)"], isRuled: true)) }
        return table
    }

    private var evidenceTable: TextTable {
        var table = TextTable(columns: [
            .init("Channel"), .init("When"), .init("Input", isRightAligned: true),
            .init("Cache write", isRightAligned: true), .init("Cache read", isRightAligned: true),
            .init("Output", isRightAligned: true), .init("Cost (USD)", isRightAligned: true), .init("Verdict"),
            .init("Rule"),
        ])
        func count(_ tokens: Int64?) -> String { tokens.map(NumberText.grouped) ?? "-" }
        for item in charge.call.evidence.items {
            table.rows.append(
                .init(
                    [
                        item.channel.rawValue, item.eventTime.description, count(item.tokens.uncachedInput),
                        count(item.tokens.allCacheWrites), count(item.tokens.cacheRead), count(item.tokens.output),
                        item.cost.map { "$\($0)" } ?? "-", item.verdict.rawValue, item.rule,
                    ], isRuled: false))
        }
        return table
    }
}

extension JSONReader {
    /// Reads the rates of an answer's arithmetic.
    fileprivate mutating func rates() throws(JSONError) -> [TokenClass: String] {
        var rates: [TokenClass: String] = [:]
        try object { key, json throws(JSONError) in
            guard case "lines" = key else { return try json.skip() }
            try json.array { json throws(JSONError) in
                var tokenClass: TokenClass?
                var rate: String?
                try json.object { key, json throws(JSONError) in
                    switch key {
                    case "class": tokenClass = TokenClass(rawValue: try json.string())
                    case "usd_per_million": rate = try json.optionalString()
                    default: try json.skip()
                    }
                }
                if let tokenClass, let rate { rates[tokenClass] = rate }
            }
        }
        return rates
    }
}
