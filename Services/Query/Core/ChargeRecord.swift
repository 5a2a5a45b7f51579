public import Metering

/// One charge of the ledger without its evidence: what a report needs that looks at single charges.
public struct ChargeRecord: Hashable, Sendable {
    /// The call's number, the ledger's row.
    public var number: Int64
    /// The change that made the charge what it is.
    public var sequence: Int64
    /// The session.
    public var session: String
    /// Whether the source named the session.
    public var isSessionKnown: Bool
    /// All other dimensions.
    public var dimensions: DimensionValues
    /// The continuous-integration run.
    public var run: String?
    /// When the call ended.
    public var eventTime: Timestamp
    /// What it adds to totals.
    public var facts: ChargeFacts
    /// How its session's costs make up the `auto` cost.
    public var rule: ScopeCostRule

    /// Makes a record.
    public init(
        number: Int64, sequence: Int64, session: String, isSessionKnown: Bool, dimensions: DimensionValues,
        run: String?,
        eventTime: Timestamp, facts: ChargeFacts, rule: ScopeCostRule
    ) {
        self.number = number
        self.sequence = sequence
        self.session = session
        self.isSessionKnown = isSessionKnown
        self.dimensions = dimensions
        self.run = run
        self.eventTime = eventTime
        self.facts = facts
        self.rule = rule
    }
}
