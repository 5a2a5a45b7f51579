public import Metering

/// What must be known about one request to price it.
public struct RatingRequest: Hashable, Sendable {
    /// Who served it, as reported.
    public var provider: String?
    /// The model as reported; the name's form may tell the host.
    public var reportedModel: String?
    /// The model with a harness's marks taken off.
    public var model: String?
    /// When it happened; the price of that instant is used.
    public var time: Timestamp
    /// What it used.
    public var tokens: TokenCounts
    /// The counts of the steps it is billed by, each by its own size; empty where it is billed whole.
    public var billedParts: [TokenCounts] = []
    /// The service tier that was served, as reported.
    public var serviceTier: String?
    /// The speed that was served, as reported.
    public var speed: String?
    /// Where it had to run, as reported.
    public var geo: String?
    /// Web searches that were made.
    public var webSearches: Int64?
    /// Whether the tokens are a sum over several requests, whose sizes are not known.
    public var isAggregate: Bool
    /// Whether a cost was reported.
    public var hasReportedCost: Bool
    /// Whether the call no longer stands for anything: it then costs nothing, and needs no price.
    public var isRetracted: Bool

    /// Makes a request of one model; set what else is known.
    public init(provider: String?, model: String?, time: Timestamp, tokens: TokenCounts) {
        self.provider = provider
        self.model = model
        self.time = time
        self.tokens = tokens
        self.isAggregate = false
        self.hasReportedCost = false
        self.isRetracted = false
    }

    /// Takes from a call what pricing needs.
    public init(_ call: Call) {
        self.init(provider: call.provider?.rawValue, model: call.model, time: call.eventTime, tokens: call.tokens)
        billedParts = call.billedParts
        reportedModel = call.reportedModel
        serviceTier = call.serviceTier
        speed = call.speed
        geo = call.inferenceGeo
        webSearches = call.webSearchRequests
        isAggregate = call.quality == .aggregate || call.quality == .estimated
        hasReportedCost = call.reportedCost != nil
        isRetracted = call.isRetracted
    }
}
