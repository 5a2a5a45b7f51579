public import Metering

/// What a report asks the query service for.
public struct UsageRequest: Hashable, Sendable {
    /// What rows are cut by.
    public var kind: ReportKind
    /// The first day, in the time zone.
    public var since: CivilDay?
    /// The last day, counted in.
    public var until: CivilDay?
    /// The IANA time zone that days are cut in; `nil` for the service's.
    public var timeZone: String?
    /// Which cost counts: `auto`, `computed` or `reported`.
    public var cost: String
    /// The only harness that counts; `nil` for all.
    public var harness: String?
    /// The only project that counts; `nil` for all.
    public var project: String?
    /// Whether rows are told apart by project.
    public var isByProject = false
    /// The day a week begins with, in lower case; `nil` for the service's.
    public var weekStart: String?

    /// Makes a request.
    public init(kind: ReportKind, since: CivilDay?, until: CivilDay?, timeZone: String?, cost: String) {
        self.kind = kind
        self.since = since
        self.until = until
        self.timeZone = timeZone
        self.cost = cost
    }
}
