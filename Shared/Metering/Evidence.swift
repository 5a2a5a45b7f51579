/// The observations behind a call, each with a verdict and the rule that decided it.
public struct Evidence: Hashable, Sendable {
    /// The most items that travel with a call; more are only counted.
    public static let maximumItems = 16

    /// The items, at most ``maximumItems``.
    public var items: [Item]
    /// How many more there are, by verdict.
    public var omitted: [Verdict: Int64]

    /// Makes evidence.
    public init(items: [Item] = [], omitted: [Verdict: Int64] = [:]) {
        self.items = items
        self.omitted = omitted
    }

    /// What became of an observation.
    public enum Verdict: String, CaseIterable, Hashable, Sendable {
        /// Some of its figures are the call's.
        case counted
        /// It says what another says.
        case duplicate
        /// A better or fuller report took its place.
        case superseded
        /// It differs from a better report.
        case conflicting
    }

    /// One observation and what became of it.
    public struct Item: Hashable, Sendable {
        /// The observation, or for an aggregate its series.
        public var observation: ContentID
        /// How it reached us.
        public var channel: Channel
        /// The session it named, when that is not the call's.
        public var session: String?
        /// When it says the usage happened.
        public var eventTime: Timestamp
        /// What it said.
        public var tokens: TokenCounts
        /// What it said the cost was.
        public var cost: Amount?
        /// What became of it.
        public var verdict: Verdict
        /// The rule that decided: a stable name such as `channel-authority` or `fieldwise-maximum`.
        public var rule: String

        /// Makes an item.
        public init(
            observation: ContentID, channel: Channel, session: String? = nil, eventTime: Timestamp,
            tokens: TokenCounts, cost: Amount?, verdict: Verdict, rule: String
        ) {
            self.observation = observation
            self.channel = channel
            self.session = session
            self.eventTime = eventTime
            self.tokens = tokens
            self.cost = cost
            self.verdict = verdict
            self.rule = rule
        }
    }
}
