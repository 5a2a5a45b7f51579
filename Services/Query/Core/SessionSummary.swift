public import Metering
public import Wire

/// One conversation with what it used, for lists of sessions.
public struct SessionSummary: Sendable {
    /// The ledger's row of the session.
    public var id: Int64
    /// The conversation.
    public var scope: Scope
    /// When its first call ended.
    public var first: Timestamp
    /// When its last call ended.
    public var last: Timestamp
    /// How its costs make up the `auto` cost.
    public var rule: ScopeCostRule
    /// Its sums by dimensions.
    public var cells: [(dimensions: DimensionValues, usage: Usage)]

    /// Makes a summary.
    public init(
        id: Int64, scope: Scope, first: Timestamp, last: Timestamp, rule: ScopeCostRule,
        cells: [(dimensions: DimensionValues, usage: Usage)]
    ) {
        self.id = id
        self.scope = scope
        self.first = first
        self.last = last
        self.rule = rule
        self.cells = cells
    }

    /// The sum of all cells.
    public var usage: Usage { cells.reduce(into: Usage()) { $0 += $1.usage } }

    /// The different values of a dimension, in order; charges that were taken back are left out.
    public func values(_ dimension: Dimension) -> [String] {
        Set(cells.filter { !$0.usage.isZero }.compactMap { $0.dimensions[dimension] }).sorted()
    }
}

extension JSONWriter {
    /// Writes a session's members into the object that is open.
    public mutating func members(of session: SessionSummary, cost mode: CostMode) {
        member("session", session.scope.session)
        if !session.scope.isSessionKnown { member("session_known", false) }
        member("tenant", session.scope.tenant)
        member("harness", session.scope.harness.rawValue)
        member("first_activity", session.first)
        member("last_activity", session.last)
        member("cost_rule", session.rule == .perCharge ? "per_charge" : "reported_alone")
        list("models", session.values(.model))
        list("projects", session.values(.project))
        list("repositories", session.values(.repository))
        list("users", session.values(.user))
        members(of: session.usage, cost: mode)
    }

    private mutating func list(_ name: StaticString, _ values: [String]) {
        key(name)
        array { json in
            for value in values { json.string(value) }
        }
    }
}
