import Metering
public import Wire

extension JSONWriter {
    /// Writes a budget and how far it is used into the object that is open.
    ///
    /// - Parameters:
    ///   - source: where the budget stands: `file` or `api`.
    ///   - limit: the most entries that are written.
    public mutating func members(of status: BudgetStatus, source: String, limit: Int = 100) {
        members(of: status.budget)
        member("source", source)
        member("state", status.state.rawValue)
        key("window")
        object { json in
            json.member("start", status.window.start?.description)
            json.member("end", status.window.end?.description)
            json.member("timezone", status.zone)
        }
        key("entries")
        array { json in
            for entry in status.entries.prefix(limit) {
                json.object { json in
                    json.member("key", entry.key)
                    json.member("state", entry.state.rawValue)
                    json.member("used_ratio", BudgetText.ratio(entry.usedMillionths))
                    json.members(of: entry.usage, cost: status.budget.cost)
                }
            }
        }
    }
}

/// Budgets in words.
public enum BudgetText {
    /// A part in millionths as a decimal number.
    public static func ratio(_ millionths: Int128) -> String {
        let digits = String(millionths.magnitude % 1_000_000)
        let fraction = String(repeating: "0", count: 6 - digits.count) + digits
        return (millionths < 0 ? "-" : "") + String(millionths.magnitude / 1_000_000) + "." + fraction
    }

    /// What a message says when a budget crosses a line.
    public static func notice(_ status: BudgetStatus, _ entry: BudgetStatus.Entry) -> String {
        let budget = status.budget
        let who = entry.key.map { " for \(budget.split?.name ?? "") \($0)" } ?? ""
        let used: String
        switch budget.limit {
        case .cost(let limit):
            used = "$\(entry.usage.cost(budget.cost).rounded(toDigits: 2)) of $\(limit.rounded(toDigits: 2))"
        case .tokens(let limit): used = "\(entry.usage.tokens.total) of \(limit) tokens"
        }
        var text = "Tollbook budget \(budget.name)\(who) \(word(entry.state)): \(used) used "
        text += "(\(entry.usedMillionths / 10_000) %)" + period(status)
        let missing = entry.usage.withoutCost(budget.cost)
        if case .cost = budget.limit, missing.charges > 0 {
            text += ". \(missing.charges) calls with \(missing.tokens) tokens have no known cost and are not in it"
        }
        return text
    }

    private static func word(_ state: BudgetStatus.State) -> String {
        switch state {
        case .ok: "is well"
        case .warning: "is nearly used up"
        case .exceeded: "is exceeded"
        }
    }

    private static func period(_ status: BudgetStatus) -> String {
        guard let start = status.window.start, let end = status.window.end else { return "" }
        return " in the \(status.budget.period.rawValue) from \(start) to \(end)"
    }
}
