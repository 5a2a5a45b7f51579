/// What one channel said about usage once, normalised by ingest.
///
/// Immutable. Its identity is derived from its content, so that a client's retry, even to another ingest
/// replica, is the same observation.
public struct Observation: Hashable, Sendable {
    /// Identity derived from the source record's whole content.
    public var id: ContentID
    /// Whose data this is.
    public var tenant: String
    /// The agent that reported.
    public var harness: Harness
    /// The conversation; `nil` when the source did not name it.
    public var session: String?
    /// How it reached us.
    public var channel: Channel
    /// The stream of one source, such as one process's resource: what stands in for an unknown session.
    public var source: String
    /// When the usage happened, as the source says.
    public var eventTime: Timestamp
    /// When ingest took it in.
    public var receivedTime: Timestamp
    /// Who served the call.
    public var provider: Provider?
    /// The model, with marks of the harness (such as `[1m]`) taken off.
    public var model: String?
    /// The model exactly as reported.
    public var reportedModel: String?
    /// What was reported: one call, or one point of a series that sums several calls.
    public var content: Content
    /// The counts of the steps that the call consists of, where its provider prices each by its own size.
    ///
    /// Together they make up the call's counts; empty where the call is one request.
    public var billedParts: [TokenCounts] = []
    /// The service tier that was served, such as `priority` or `batch`.
    public var serviceTier: String?
    /// The speed that was served, such as `fast`.
    public var speed: String?
    /// The region constraint of the inference, such as `us`.
    public var inferenceGeo: String?
    /// Billable web searches made by the provider during the call.
    public var webSearchRequests: Int64?
    /// How far to believe it against other channels of the same call: the lowest number wins.
    ///
    /// The order between channels differs by harness, so the reader that knows the dialect sets it.
    public var authority: Int64
    /// What pairs the reports of channels that share no identity: a fingerprint of conversation, model and usage.
    ///
    /// Set by dialects whose channels repeat one another without naming a common key. In one conversation the first
    /// report of a pairing on one channel is the first on each other channel, the second the second, and so on.
    public var pairing: ContentID?
    /// Who and what it was for.
    public var attribution: Attribution
    /// Where it stands in a trace.
    public var trace: TraceContext?

    /// What an observation reports.
    public enum Content: Hashable, Sendable {
        /// One call: its identities, best first, its counts and its cost as reported.
        case call(keys: [CallKey], tokens: TokenCounts, cost: Amount?)
        /// One point of a series that sums several calls.
        case aggregate(AggregatePoint)
    }

    /// Makes an observation of a channel; parts that are not known are left out.
    public init(
        id: ContentID, tenant: String = Scope.defaultTenant, harness: Harness, session: String?, channel: Channel,
        source: String, eventTime: Timestamp, receivedTime: Timestamp, content: Content
    ) {
        self.id = id
        self.tenant = tenant
        self.harness = harness
        self.session = session
        self.channel = channel
        self.source = source
        self.eventTime = eventTime
        self.receivedTime = receivedTime
        self.content = content
        self.authority = channel.defaultAuthority
        self.attribution = Attribution()
    }

    /// The scope it belongs to: its session, or a scope of its own source stream when the session is not known.
    public var scope: Scope {
        guard let session, !session.isEmpty else {
            return Scope(tenant: tenant, harness: harness, unknownSessionOf: source)
        }
        return Scope(tenant: tenant, harness: harness, session: session)
    }
}
