public import Metering

/// What a reader asks of `/v1/sessions`, checked.
public struct SessionListRequest: Hashable, Sendable {
    /// Sessions whose last call is not before this.
    public var since: Timestamp?
    /// Sessions whose first call is before this.
    public var until: Timestamp?
    /// Sessions in which some charge passes.
    public var filter: UsageFilter
    /// Which cost is shown.
    public var cost: CostMode
    /// The most sessions of one answer.
    public var limit: Int
    /// The last session of the answer before.
    public var after: Position?

    /// A place in the list: last activity, then the ledger's row, both falling.
    public struct Position: Hashable, Sendable {
        /// Nanoseconds of the last activity.
        public var last: Int64
        /// The ledger's row.
        public var id: Int64

        /// The place of a session.
        public init(_ session: SessionSummary) {
            last = session.last.nanoseconds
            id = session.id
        }

        /// Reads ``text``; `nil` for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ".").map { Int64($0) }
            guard parts.count == 2, let last = parts[0], let id = parts[1] else { return nil }
            self.last = last
            self.id = id
        }

        /// The text for the `cursor` parameter.
        public var text: String { "\(last).\(id)" }
    }

    /// The names of all parameters.
    public static let parameterNames = Set(Dimension.allCases.map(\.rawValue)).union([
        "since", "until", "timezone", "cost", "limit", "cursor",
    ])

    /// Makes a request for the sessions active last.
    public init(limit: Int = 100) {
        filter = UsageFilter()
        cost = .auto
        self.limit = limit
    }

    /// Checks the parameters of a request.
    public init(
        _ parameters: RequestParameters, defaultZone: ZoneOffsets = .utc, zone find: (String) -> ZoneOffsets?
    ) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, lists: UsageFilter.listNames)
        self.init()
        let zone = try UsageRequest.zone(parameters, defaultZone, find)
        (since, until) = try parameters.range(in: zone)
        filter = try UsageFilter(parameters)
        cost = try parameters.choice("cost", default: CostMode.auto)
        limit = Int(try parameters.integer("limit", default: 100, in: 1...1000))
        guard let cursor = parameters["cursor"] else { return }
        guard let position = Position(cursor) else {
            throw RequestError("cursor", "is not from an answer of this list; begin again without it")
        }
        after = position
    }
}
