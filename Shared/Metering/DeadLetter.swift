/// Input that could not be used: metadata only, never its content.
public struct DeadLetter: Hashable, Sendable {
    /// Identity derived from the rejected record's content.
    public var id: ContentID
    /// Whose data this was.
    public var tenant: String
    /// The service that refused it: `ingest`, `dedupe`, `pricing` or `query`.
    public var stage: String
    /// A name for what was wrong, from our own code: `negative_token_count`, `not_a_number`, ...
    public var reason: String
    /// The agent, when it could be told.
    public var harness: Harness?
    /// The channel, when it could be told.
    public var channel: Channel?
    /// The member or attribute at fault; a name from our own code.
    public var field: String?
    /// Size of the refused record in bytes, when known.
    public var size: Int64?
    /// When it was refused.
    public var time: Timestamp

    /// Makes a dead letter.
    public init(id: ContentID, tenant: String = Scope.defaultTenant, stage: String, reason: String, time: Timestamp) {
        self.id = id
        self.tenant = tenant
        self.stage = stage
        self.reason = reason
        self.time = time
    }
}
