public import Wire

/// Budgets as the query service answers them.
public struct BudgetPage: Hashable, Sendable {
    /// The budgets, by name.
    public internal(set) var budgets: [Budget]

    /// One budget and how far it is used.
    public struct Budget: Hashable, Sendable {
        /// Its name.
        public var name = ""
        /// The limit in words: `$20.00` or `1,000 tokens`.
        public var limit = ""
        /// Whether the limit is money.
        public var isMoney = true
        /// The period.
        public var period = ""
        /// What it is given to each of; `nil` where all have it together.
        public var split: String?
        /// `ok`, `warning` or `exceeded`.
        public var state = State.ok
        /// Those who have it, who used most first.
        public var entries: [Entry] = []
        /// Where it stands: `file` or `api`.
        public var source = ""
    }

    /// The usage of one of those who have a budget.
    public struct Entry: Hashable, Sendable {
        /// The session, user, ...; `nil` where all have it together.
        public var key: String?
        /// How it stands.
        public var state = State.ok
        /// The part of the limit that is used, as decimal text.
        public var ratio = "0"
        /// What was used.
        public var figures = UsageFigures()
        /// All tokens.
        public var tokens: Int64 { figures.totalTokens }
    }

    /// How a budget stands, best first.
    public enum State: String, CaseIterable, Hashable, Sendable, Comparable {
        case ok, warning, exceeded

        /// Orders from best to worst.
        public static func < (left: State, right: State) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// Reads the answer of `/v1/budgets`.
    public init(json text: [UInt8]) throws(JSONError) {
        var budgets: [Budget] = []
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            guard case "budgets" = key else { return try json.skip() }
            try json.array { json throws(JSONError) in budgets.append(try json.budget()) }
        }
        try json.finish()
        self.budgets = budgets
    }
}

extension JSONReader {
    fileprivate mutating func budget() throws(JSONError) -> BudgetPage.Budget {
        var budget = BudgetPage.Budget()
        try object { key, json throws(JSONError) in
            switch key {
            case "name": budget.name = try json.string()
            case "limit_usd": budget.limit = NumberText.dollars(try json.dollars())
            case "limit_tokens":
                budget.isMoney = false
                budget.limit = NumberText.grouped(try json.int64()) + " tokens"
            case "period": budget.period = try json.string()
            case "per": budget.split = try json.optionalString()
            case "state": budget.state = try json.budgetState()
            case "source": budget.source = try json.string()
            case "entries":
                try json.array { json throws(JSONError) in budget.entries.append(try json.budgetEntry()) }
            default: try json.skip()
            }
        }
        return budget
    }

    private mutating func budgetEntry() throws(JSONError) -> BudgetPage.Entry {
        var entry = BudgetPage.Entry()
        try object { key, json throws(JSONError) in
            switch key {
            case "key": entry.key = try json.optionalString()
            case "state": entry.state = try json.budgetState()
            case "used_ratio": entry.ratio = try json.string()
            default: try json.readFigure(key, into: &entry.figures)
            }
        }
        return entry
    }

    private mutating func budgetState() throws(JSONError) -> BudgetPage.State {
        let offset = index
        guard let state = BudgetPage.State(rawValue: try string()) else {
            throw JSONError(.invalidValue, at: offset, member: "state")
        }
        return state
    }
}
