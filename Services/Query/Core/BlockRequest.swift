public import Metering

/// What a reader asks of `/v1/blocks`, checked.
public struct BlockRequest: Hashable, Sendable {
    /// How many quarter hours a block lasts.
    public var length: Int64
    /// Blocks that begin at this instant or later; `nil`: all.
    public var since: Timestamp?
    /// Blocks that begin before this instant; `nil`: all.
    public var until: Timestamp?
    /// Only the block that still counts.
    public var isActiveOnly: Bool
    /// Which charges count.
    public var filter: UsageFilter
    /// Which cost is shown.
    public var cost: CostMode

    /// The names of all parameters.
    public static let parameterNames = Set(Dimension.allCases.map(\.rawValue)).union([
        "hours", "since", "until", "timezone", "active", "cost",
    ])

    /// Makes a request for all five-hour blocks.
    public init(length: Int64 = 20) {
        self.length = length
        isActiveOnly = false
        filter = UsageFilter()
        cost = .auto
    }

    /// Checks the parameters of a request.
    ///
    /// - Parameters:
    ///   - parameters: names and values.
    ///   - defaultZone: the zone of dates where `timezone` is not given.
    ///   - zone: finds a zone by its IANA name; `nil` if there is none.
    public init(
        _ parameters: RequestParameters, defaultZone: ZoneOffsets = .utc, zone find: (String) -> ZoneOffsets?
    ) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, lists: UsageFilter.listNames)
        self.init()
        let zone = try UsageRequest.zone(parameters, defaultZone, find)
        (since, until) = try parameters.range(in: zone)
        length = try Self.length(parameters)
        isActiveOnly = try parameters.choice("active", default: Answer.no) != .no
        filter = try UsageFilter(parameters)
        cost = try parameters.choice("cost", default: CostMode.auto)
    }

    private enum Answer: String, CaseIterable {
        case yes = "true"
        case no = "false"
    }

    /// Reads `hours`: a decimal number that is a whole number of quarter hours, from an hour to a week.
    private static func length(_ parameters: RequestParameters) throws(RequestError) -> Int64 {
        guard let text = parameters["hours"] else { return 20 }
        let error = RequestError("hours", "must be a number of hours in steps of 0.25, from 1 to 168")
        let scale: Int128 = 1_000_000_000_000
        guard let hours = AmountTotal(dollars: text)?.picodollars else { throw error }
        let quarters = hours * 4
        guard quarters % scale == 0, (4...672).contains(quarters / scale) else { throw error }
        return Int64(quarters / scale)
    }
}
