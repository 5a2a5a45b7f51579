/// One model call as reconciled from everything that was observed about it, with absolute values.
///
/// A later revision replaces an earlier one whole; nothing is ever an increment.
public struct Call: Hashable, Sendable {
    /// Dense number given by dedupe, one for each key; the ledger's row.
    public var number: Int64
    /// The best identity known, or the bucket of an aggregate.
    public var key: CallKey
    /// Counts up from 1 for each key; the highest is valid.
    public var revision: Int64
    /// Whether the key no longer stands for anything: its values are then zero and must be taken out.
    public var isRetracted: Bool
    /// Why this revision was made.
    public var reason: Reason
    /// Of a retracted key: the key under which the call goes on, where it is one call still.
    public var replacement: CallKey?
    /// The conversation the call is attributed to: the first that made it.
    public var scope: Scope
    /// When the call ended.
    public var eventTime: Timestamp
    /// Who served it.
    public var provider: Provider?
    /// The model, with marks of the harness taken off.
    public var model: String?
    /// The model as reported by the channel that was believed.
    public var reportedModel: String?
    /// What it used.
    public var tokens: TokenCounts
    /// The counts of the steps it consists of, where each is priced by its own size; together they are ``tokens``.
    public var billedParts: [TokenCounts] = []
    /// What its source says it cost.
    public var reportedCost: Amount?
    /// How the figures came about.
    public var quality: Quality
    /// The service tier that was served.
    public var serviceTier: String?
    /// The speed that was served.
    public var speed: String?
    /// The region constraint of the inference.
    public var inferenceGeo: String?
    /// Billable web searches.
    public var webSearchRequests: Int64?
    /// Who and what it was for.
    public var attribution: Attribution
    /// Where it stands in a trace.
    public var trace: TraceContext?
    /// The observations behind it.
    public var evidence: Evidence

    /// How a call's figures came about.
    public enum Quality: String, CaseIterable, Hashable, Sendable {
        /// One channel reported it.
        case exact
        /// Several channels reported it and were merged.
        case merged
        /// It stands for several calls of which only a sum is known.
        case aggregate
        /// It was inferred from a residual.
        case estimated
        /// It is known to have happened, but nothing tells how much it used.
        case unmetered
    }

    /// Why a revision was made.
    public enum Reason: String, CaseIterable, Hashable, Sendable {
        /// The call is new.
        case first
        /// Another observation changed it.
        case update
        /// Calls arrived that an aggregate had stood in for.
        case superseded
        /// Two calls turned out to be one.
        case merged
        /// It was priced anew by an explicit job.
        case reprice
    }

    /// Makes a call with no usage; set what is known.
    public init(
        number: Int64, key: CallKey, revision: Int64, reason: Reason, scope: Scope, eventTime: Timestamp,
        tokens: TokenCounts = TokenCounts(), quality: Quality
    ) {
        self.number = number
        self.key = key
        self.revision = revision
        self.isRetracted = false
        self.reason = reason
        self.scope = scope
        self.eventTime = eventTime
        self.tokens = tokens
        self.quality = quality
        self.attribution = Attribution()
        self.evidence = Evidence()
    }
}
