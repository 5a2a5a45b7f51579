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

    /// Makes a request.
    public init(kind: ReportKind, since: CivilDay?, until: CivilDay?, timeZone: String?, cost: String) {
        self.kind = kind
        self.since = since
        self.until = until
        self.timeZone = timeZone
        self.cost = cost
    }
}
