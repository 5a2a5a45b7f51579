import Metering
public import Wire

extension Budget {
    /// The largest limit: a quadrillion dollars.
    private static let maximumCost = AmountTotal(picodollars: 1_000_000_000_000_000_000_000_000_000)

    /// Reads a budget as people write it.
    ///
    /// - Parameters:
    ///   - json: an object.
    ///   - name: the name where the path gives it; the object may then leave it out.
    ///   - isFile: whether it comes from the operator's file, which may name a webhook.
    ///   - isZone: tells whether a time zone is known.
    /// - Throws: `RequestError` that names the member at fault.
    public init(
        from json: inout JSONReader, name: String? = nil, isFile: Bool, isZone: (String) -> Bool
    ) throws(RequestError) {
        var draft = Draft()
        do throws(JSONError) {
            try json.object { key, json throws(JSONError) in try draft.read(key, &json) }
        } catch {
            if let fault = draft.fault { throw fault }
            throw RequestError(error.member ?? "budget", "is not as it should be (\(error.reason.rawValue))")
        }
        if let fault = draft.fault { throw fault }
        self = try draft.budget(name: name, isFile: isFile, isZone: isZone)
    }

    /// The members of a budget while they are read.
    private struct Draft {
        var name: String?
        var cost: AmountTotal?
        var tokens: Int64?
        var period: String?
        var split: String?
        var filter = UsageFilter()
        var zone: String?
        var weekStart: String?
        var warningPercent: Int64?
        var mode: String?
        var webhook: String?
        var fault: RequestError?

        mutating func read(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
            switch key {
            case "name": name = try json.string()
            case "limit_usd": cost = try amount(&json)
            case "limit_tokens": tokens = try json.int64()
            case "period": period = try json.string()
            case "per": split = try json.optionalString()
            case "match": try readMatch(&json)
            case "timezone": zone = try json.optionalString()
            case "week_start": weekStart = try json.optionalString()
            case "warning_percent": warningPercent = try json.int64()
            case "cost": mode = try json.optionalString()
            case "webhook": webhook = try json.optionalString()
            // What an answer says besides, so that an answer can be sent back.
            case "source", "state", "window", "entries", "v": try json.skip()
            default:
                fault = RequestError(
                    String(key.string.prefix(64)),
                    "is no member of a budget; known are name, limit_usd, limit_tokens, period, per, match, timezone, "
                        + "week_start, warning_percent, cost, webhook")
                try json.skip()
            }
        }

        /// Reads decimal text or a number.
        private mutating func amount(_ json: inout JSONReader) throws(JSONError) -> AmountTotal? {
            let text = try json.kind() == .string ? json.string() : String(decoding: json.numberText(), as: UTF8.self)
            let amount = AmountTotal(dollars: text)
            if amount == nil { fault = RequestError("limit_usd", "must be dollars in digits, such as 500 or 12.50") }
            return amount
        }

        private mutating func readMatch(_ json: inout JSONReader) throws(JSONError) {
            try json.object { key, json throws(JSONError) in
                var values: Set<String> = []
                if try json.kind() == .string {
                    values = [try json.string()]
                } else {
                    try json.array { json throws(JSONError) in values.insert(try json.string()) }
                }
                guard let split = Split(key.string), !values.isEmpty, !values.contains("") else {
                    let known = ["session"] + Dimension.allCases.map(\.rawValue)
                    fault = RequestError("match", "must name values of one or more of \(known.joined(separator: ", "))")
                    return
                }
                switch split {
                case .session: filter.sessions = values
                case .dimension(let dimension):
                    filter.dimensions[dimension] = Set(values.map { $0 == noneLabel ? nil : $0 })
                }
            }
        }

        func budget(
            name given: String?, isFile: Bool, isZone: (String) -> Bool
        ) throws(RequestError) -> Budget {
            guard let name = given ?? name, Budget.isName(name) else {
                throw RequestError("name", "must be 1 to 100 letters, digits, dots, dashes or underscores")
            }
            if given != nil, let own = self.name, own != given {
                throw RequestError("name", "is not the name in the path")
            }
            var budget = Budget(name: name, limit: try limit(), period: try choice("period", period, default: .month))
            if let split {
                guard let known = Split(split) else {
                    let known = ["session"] + Dimension.allCases.map(\.rawValue)
                    throw RequestError("per", "must be one of \(known.joined(separator: ", "))")
                }
                budget.split = known
            }
            if period == nil, budget.split == .session { budget.period = .all }
            budget.filter = filter
            if let zone, !isZone(zone) {
                throw RequestError("timezone", "must be an IANA time zone such as Europe/Berlin or UTC")
            }
            budget.zone = zone
            budget.weekStart = try choice("week_start", weekStart, default: .monday)
            budget.cost = try choice("cost", mode, default: .auto)
            budget.warningPercent = warningPercent ?? 80
            guard (1...100).contains(budget.warningPercent) else {
                throw RequestError("warning_percent", "must be 1 to 100")
            }
            budget.webhook = try checkedWebhook(isFile: isFile)
            return budget
        }

        private func limit() throws(RequestError) -> Limit {
            switch (cost, tokens) {
            case (let cost?, nil):
                guard cost > .zero, cost <= Budget.maximumCost else {
                    throw RequestError("limit_usd", "must be more than 0 and at most a quadrillion")
                }
                return .cost(cost)
            case (nil, let tokens?):
                guard tokens > 0 else { throw RequestError("limit_tokens", "must be more than 0") }
                return .tokens(tokens)
            default: throw RequestError("limit_usd", "or limit_tokens must be given, and not both")
            }
        }

        private func checkedWebhook(isFile: Bool) throws(RequestError) -> String? {
            guard let webhook else { return nil }
            guard isFile else {
                throw RequestError("webhook", "can be set in the budget file or by TOLLBOOK_WEBHOOK only")
            }
            guard webhook.hasPrefix("https://") || webhook.hasPrefix("http://") else {
                throw RequestError("webhook", "must be an http or https address")
            }
            return webhook
        }

        private func choice<Choice: RawRepresentable & CaseIterable>(
            _ name: String, _ text: String?, default fallback: Choice
        ) throws(RequestError) -> Choice where Choice.RawValue == String {
            guard let text else { return fallback }
            guard let choice = Choice(rawValue: text) else {
                throw RequestError(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return choice
        }
    }
}

extension JSONWriter {
    /// Writes a budget's members into the object that is open; a webhook is a secret and left out.
    public mutating func members(of budget: Budget) {
        member("name", budget.name)
        switch budget.limit {
        case .cost(let amount): member("limit_usd", amount.description)
        case .tokens(let tokens): member("limit_tokens", tokens)
        }
        member("period", budget.period.rawValue)
        member("per", budget.split?.name)
        key("match")
        object { json in
            if !budget.filter.sessions.isEmpty { json.list("session", budget.filter.sessions.sorted()) }
            for (dimension, values) in budget.filter.dimensions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                json.list(dimension.rawValue, values.map { $0 ?? noneLabel }.sorted())
            }
        }
        member("timezone", budget.zone)
        if budget.period == .week { member("week_start", budget.weekStart.rawValue) }
        member("warning_percent", budget.warningPercent)
        member("cost", budget.cost.rawValue)
    }

    private mutating func list(_ name: String, _ values: [String]) {
        key(dynamic: name)
        array { json in
            for value in values { json.string(value) }
        }
    }
}
