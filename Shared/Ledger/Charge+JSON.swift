import Metering
public import Wire

extension ChargeTransaction {
    /// Reads a transaction from the bus: `{"charges":[ … ]}`, each a call's members and a `rating`.
    public init(from json: inout JSONReader) throws(JSONError) {
        var charges: [Charge]?
        try json.object { key, json throws(JSONError) in
            switch key {
            case "charges":
                var list: [Charge] = []
                try json.array { json throws(JSONError) in list.append(try json.charge()) }
                charges = list
            default: try json.skip()
            }
        }
        try json.finish()
        guard let charges else { throw JSONError(.missingMember, at: 0, member: "charges") }
        self.init(charges: charges)
    }

    /// The transaction as JSON text for the bus.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 1280)
        json.object { json in
            json.key("charges")
            json.array { json in
                for charge in charges { json.charge(charge) }
            }
        }
        return json.bytes
    }
}

extension JSONReader {
    /// Reads a charge: a call's members and a `rating`.
    public mutating func charge() throws(JSONError) -> Charge {
        var fields = CallFields()
        var rating: Rating?
        try object { key, json throws(JSONError) in
            if try fields.read(key, &json) { return }
            switch key {
            case "rating": rating = try json.rating()
            default: try json.skip()
            }
        }
        guard let rating else { throw JSONError(.missingMember, at: index, member: "rating") }
        return Charge(call: try fields.call(), rating: rating)
    }

    /// Reads a rating.
    public mutating func rating() throws(JSONError) -> Rating {
        let offset = index
        var status: Rating.Status?
        var rating = Rating(status: .unpriced)
        try object { key, json throws(JSONError) in
            switch key {
            case "status": status = try json.name(Rating.Status.self)
            case "reason": rating.reason = try json.string()
            case "cost": rating.cost = try json.amount()
            case "cost_by_class": rating.costByClass = try json.costByClass()
            case "fees": rating.fees = try json.amount()
            case "row": rating.row = try json.string()
            case "price_book": rating.priceBookVersion = try json.string()
            case "priced_model": rating.pricedModel = try json.string()
            case "name_rule": rating.nameRule = try json.string()
            case "estimated": rating.isEstimated = try json.bool()
            case "assumptions":
                var assumptions: [String] = []
                try json.array { json throws(JSONError) in assumptions.append(try json.string()) }
                rating.assumptions = assumptions
            case "repricing": rating.repricing = try json.int64()
            default: try json.skip()
            }
        }
        guard let status else { throw JSONError(.missingMember, at: offset, member: "status") }
        rating.status = status
        return rating
    }

    private mutating func costByClass() throws(JSONError) -> [TokenClass: Amount] {
        var costs: [TokenClass: Amount] = [:]
        try object { key, json throws(JSONError) in
            guard let tokenClass = TokenClass(rawValue: key.string) else { return try json.skip() }
            costs[tokenClass] = try json.amount()
        }
        return costs
    }
}

extension JSONWriter {
    /// Writes a charge as an object.
    public mutating func charge(_ charge: Charge) {
        object { json in
            json.members(of: charge.call)
            json.key("rating")
            json.rating(charge.rating)
        }
    }

    /// Writes a rating as an object.
    public mutating func rating(_ rating: Rating) {
        object { json in
            json.member("status", rating.status.rawValue)
            json.member("reason", rating.reason)
            json.member("cost", rating.cost)
            if !rating.costByClass.isEmpty {
                json.key("cost_by_class")
                json.object { json in
                    for tokenClass in TokenClass.allCases {
                        guard let cost = rating.costByClass[tokenClass] else { continue }
                        json.key(dynamic: tokenClass.rawValue)
                        json.string(cost.description)
                    }
                }
            }
            json.member("fees", rating.fees)
            json.member("row", rating.row)
            json.member("price_book", rating.priceBookVersion)
            json.member("priced_model", rating.pricedModel)
            json.member("name_rule", rating.nameRule)
            if rating.isEstimated { json.member("estimated", true) }
            if rating.repricing > 0 { json.member("repricing", rating.repricing) }
            if !rating.assumptions.isEmpty {
                json.key("assumptions")
                json.array { json in
                    for assumption in rating.assumptions { json.string(assumption) }
                }
            }
        }
    }
}
