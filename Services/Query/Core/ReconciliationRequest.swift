public import Metering

/// What a reader asks of `/v1/reconciliation`, checked.
public struct ReconciliationRequest: Hashable, Sendable {
    /// One session's records alone, one for each tenant and harness that used its name.
    public var session: String?
    /// One harness's records alone.
    public var harness: String?
    /// One tenant's records alone; a key decides it, never a parameter.
    public var tenant: String?
    /// The most records of one answer.
    public var limit: Int
    /// The last record of the answer before.
    public var after: Position?

    /// A place in the list: when it was recorded, then the ledger's row, both falling.
    public struct Position: Hashable, Sendable {
        /// Nanoseconds of the time it was recorded.
        public var recorded: Int64
        /// The ledger's row.
        public var id: Int64

        /// Makes a place.
        public init(recorded: Timestamp, id: Int64) {
            self.recorded = recorded.nanoseconds
            self.id = id
        }

        /// Reads ``text``; `nil` for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ".").map { Int64($0) }
            guard parts.count == 2, let recorded = parts[0], let id = parts[1] else { return nil }
            self.recorded = recorded
            self.id = id
        }

        /// The text for the `cursor` parameter.
        public var text: String { "\(recorded).\(id)" }
    }

    /// Makes a request for the records written last.
    public init(limit: Int = 100) {
        self.limit = limit
    }

    /// Checks the parameters of a request.
    public init(_ parameters: RequestParameters) throws(RequestError) {
        try parameters.check(allowed: ["session", "harness", "limit", "cursor"])
        self.init(limit: Int(try parameters.integer("limit", default: 100, in: 1...1000)))
        session = parameters["session"]
        harness = parameters["harness"]
        guard let cursor = parameters["cursor"] else { return }
        guard let position = Position(cursor) else {
            throw RequestError("cursor", "is not from an answer of this list; begin again without it")
        }
        after = position
    }
}
