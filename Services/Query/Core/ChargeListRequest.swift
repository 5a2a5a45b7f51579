public import Metering

/// What a reader asks of `/v1/charges`, checked: the charges as they stand, whole, in the order of their numbers.
public struct ChargeListRequest: Hashable, Sendable {
    /// Which charges.
    public var filter = UsageFilter()
    /// The first instant; `nil` from the beginning.
    public var since: Timestamp?
    /// The instant after the last; `nil` to the end.
    public var until: Timestamp?
    /// Only numbers above it: where the page before ended.
    public var after: Int64 = 0
    /// The most charges of one page.
    public var limit = 1000

    /// The names of all parameters.
    static let parameterNames = Set(["since", "until", "timezone", "after", "limit", "session"])
        .union(Dimension.allCases.map(\.rawValue))

    /// Makes a request for every charge; set what differs.
    public init() {}

    /// Checks the parameters of a request.
    public init(
        _ parameters: RequestParameters, defaultZone: ZoneOffsets, zone find: (String) -> ZoneOffsets?
    ) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, lists: UsageFilter.listNames)
        let zone = try UsageRequest.zone(parameters, defaultZone, find)
        filter = try UsageFilter(parameters)
        (since, until) = try parameters.range(in: zone)
        after = try parameters.integer("after", default: 0, in: 0...Int64.max)
        limit = Int(try parameters.integer("limit", default: 1000, in: 1...10_000))
    }
}
