import Metering

extension UsageRequest {
    private static let ownNames: Set<String> = [
        "group_by", "since", "until", "timezone", "week_start", "cost", "limit", "cursor", "format", "session",
        "view", "detail",
    ]

    /// The names of all parameters.
    public static let parameterNames = ownNames.union(Dimension.allCases.map(\.rawValue))
    /// The names of parameters that take several values.
    public static let listNames = UsageFilter.listNames.union(["group_by"])

    /// Checks the parameters of a request.
    ///
    /// - Parameters:
    ///   - parameters: names and values.
    ///   - accept: the `Accept` header, which chooses the form where `format` does not.
    ///   - defaultZone: the zone where `timezone` is not given.
    ///   - zone: finds a zone by its IANA name; `nil` if there is none.
    public init(
        _ parameters: RequestParameters, accept: String? = nil, defaultZone: ZoneOffsets = .utc,
        zone find: (String) -> ZoneOffsets?
    ) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, lists: Self.listNames)
        self.init()
        zone = try Self.zone(parameters, defaultZone, find)
        groups = try Self.groups(parameters)
        filter = try UsageFilter(parameters)
        try readRange(parameters)
        weekStart = try parameters.choice("week_start", default: WeekStart.monday)
        cost = try parameters.choice("cost", default: CostMode.auto)
        limit = Int(try parameters.integer("limit", default: 1000, in: 1...Int64(Self.maximumLimit)))
        let isCSVWanted = accept.map { $0.contains("text/csv") } ?? false
        format = try parameters.choice("format", default: isCSVWanted ? Format.csv : Format.json)
        view = try parameters.choice("view", default: View.disjoint)
        detail = try parameters.choice("detail", default: Detail.full)
        try readCursor(parameters)
    }

    /// Checks the range, filters and page of a request whose rows are fixed, in UTC.
    public init(_ parameters: RequestParameters, groups: [GroupKey]) throws(RequestError) {
        self.init(groups: groups)
        filter = try UsageFilter(parameters)
        try readRange(parameters)
        limit = Int(try parameters.integer("limit", default: Int64(limit), in: 1...Int64(Self.maximumLimit)))
        try readCursor(parameters)
    }

    private mutating func readRange(_ parameters: RequestParameters) throws(RequestError) {
        (since, until) = try parameters.range(in: zone)
    }

    private mutating func readCursor(_ parameters: RequestParameters) throws(RequestError) {
        guard let cursor = parameters["cursor"] else { return }
        guard let after = RowCursor(cursor, columns: groups.count) else {
            throw RequestError("cursor", "is not from an answer with this group_by; begin again without it")
        }
        self.after = after
    }

    /// Reads `timezone`.
    static func zone(
        _ parameters: RequestParameters, _ fallback: ZoneOffsets, _ find: (String) -> ZoneOffsets?
    ) throws(RequestError) -> ZoneOffsets {
        guard let name = parameters["timezone"] else { return fallback }
        guard let zone = find(name) else {
            throw RequestError("timezone", "must be an IANA time zone such as Europe/Berlin or UTC")
        }
        return zone
    }

    private static func groups(_ parameters: RequestParameters) throws(RequestError) -> [GroupKey] {
        var groups: [GroupKey] = []
        for name in try parameters.list("group_by") {
            guard let group = GroupKey(name) else {
                throw RequestError(
                    "group_by", "must be a list of \(GroupKey.allNames.joined(separator: ", ")), divided by commas")
            }
            guard !groups.contains(group) else { throw RequestError("group_by", "names \(group.name) twice") }
            groups.append(group)
        }
        return groups
    }
}

extension UsageFilter {
    /// The names of all parameters of filters; each takes several values.
    public static let listNames = Set(["session"] + Dimension.allCases.map(\.rawValue))

    /// Reads a filter: one parameter for each dimension, alternatives divided by commas or repeated, `(none)` for no value.
    public init(_ parameters: RequestParameters) throws(RequestError) {
        self.init()
        for dimension in Dimension.allCases {
            let values = try parameters.list(dimension.rawValue)
            guard !values.isEmpty else { continue }
            dimensions[dimension] = Set(values.map { $0 == noneLabel ? nil : $0 })
        }
        sessions = Set(try parameters.list("session"))
    }
}
