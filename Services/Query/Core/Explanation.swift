public import Ledger
public import Metering
public import Wire

/// Why a charge is what it is: its price by class, its evidence, and every revision it went through.
public struct Explanation: Sendable {
    /// The charge as it stands.
    public let charge: Charge
    /// Its text, as it arrived.
    private let text: ArraySlice<UInt8>
    /// Its revisions as JSON text, newest first, as the feed published them.
    public let revisions: [[UInt8]]
    /// How its session's costs make up the `auto` cost.
    public let rule: ScopeCostRule

    /// Explains the newest of some changes of one call.
    ///
    /// - Parameter revisions: changes as JSON text, newest first.
    /// - Throws: `JSONError` where the newest is missing or is no change.
    public init(revisions: [[UInt8]], rule: ScopeCostRule) throws(JSONError) {
        guard let newest = revisions.first else { throw JSONError(.missingMember, at: 0, member: "revisions") }
        var json = JSONReader(newest)
        var charge: (value: Charge, range: Range<Int>)?
        try json.object { key, json throws(JSONError) in
            guard case "charge" = key else { return try json.skip() }
            _ = try json.kind()
            let start = json.index
            let value = try json.charge()
            charge = (value, start..<json.index)
        }
        guard let charge else { throw JSONError(.missingMember, at: 0, member: "charge") }
        self.charge = charge.value
        self.text = newest[charge.range]
        self.revisions = revisions
        self.rule = rule
    }

    /// One line of the arithmetic.
    public struct Line: Hashable, Sendable {
        /// The class of tokens.
        public let tokenClass: TokenClass
        /// How many.
        public let tokens: Int64
        /// What they cost.
        public let cost: Amount
        /// The rate per million tokens, where the cost is a whole multiple of the count.
        public let ratePerMillion: AmountTotal?
    }

    /// The computed cost by class; classes without tokens are left out, reasoning is inside output.
    public var lines: [Line] {
        TokenClass.disjointClasses.compactMap { tokenClass in
            guard let tokens = charge.call.tokens[tokenClass], tokens > 0, charge.rating.cost != nil else { return nil }
            let cost = charge.rating.costByClass[tokenClass] ?? .zero
            let (rate, remainder) = cost.picodollars.quotientAndRemainder(dividingBy: tokens)
            let perMillion = remainder == 0 ? AmountTotal(picodollars: Int128(rate) * 1_000_000) : nil
            return Line(tokenClass: tokenClass, tokens: tokens, cost: cost, ratePerMillion: perMillion)
        }
    }

    /// Whether the lines and the fees make the computed cost, to the last picodollar.
    public var isConsistent: Bool {
        guard let cost = charge.rating.cost else { return true }
        var sum = AmountTotal.zero
        for line in lines { sum += line.cost }
        if let fees = charge.rating.fees { sum += fees }
        return sum.picodollars == Int128(cost.picodollars)
    }

    /// The explanation as JSON text.
    public func json(epoch: String, sequence: Int64) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        let facts = ChargeFacts(charge)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.key("charge")
            json.raw(text)
            json.key("cost")
            json.object { json in
                json.member("auto", facts.autoCost(rule))
                json.member("computed", facts.computedCost)
                json.member("reported", facts.reportedCost)
                json.member("rule", rule == .perCharge ? "per_charge" : "reported_alone")
            }
            json.key("arithmetic")
            json.arithmetic(self)
            json.key("revisions")
            json.array { json in
                for revision in revisions { json.raw(revision) }
            }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func arithmetic(_ explanation: Explanation) {
        object { json in
            json.key("lines")
            json.array { json in
                for line in explanation.lines {
                    json.object { json in
                        json.member("class", line.tokenClass.rawValue)
                        json.member("tokens", line.tokens)
                        json.member("usd_per_million", line.ratePerMillion?.description)
                        json.member("cost", line.cost)
                    }
                }
            }
            json.member("fees", explanation.charge.rating.fees)
            json.member("cost", explanation.charge.rating.cost)
            json.member("adds_up", explanation.isConsistent)
        }
    }
}
