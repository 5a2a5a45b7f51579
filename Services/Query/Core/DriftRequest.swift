public import Metering

/// What a reader asks of `/v1/drift`, checked.
public struct DriftRequest: Hashable, Sendable {
    /// Which charges are compared.
    public let filter: UsageFilter
    /// The first instant; `nil` from the beginning.
    public let since: Timestamp?
    /// The instant after the last; `nil` to the end.
    public let until: Timestamp?
    /// The zone in which days are cut.
    public let zone: ZoneOffsets

    /// The names of all parameters.
    static let parameterNames = Set(["since", "until", "timezone", "session"])
        .union(Dimension.allCases.map(\.rawValue))

    /// Checks the parameters of a request.
    public init(
        _ parameters: RequestParameters, defaultZone: ZoneOffsets, zone find: (String) -> ZoneOffsets?
    ) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, lists: UsageFilter.listNames)
        zone = try UsageRequest.zone(parameters, defaultZone, find)
        filter = try UsageFilter(parameters)
        (since, until) = try parameters.range(in: zone)
    }
}
