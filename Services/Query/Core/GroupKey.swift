/// One thing that a usage report is cut by.
public enum GroupKey: Hashable, Sendable {
    /// A period of local time.
    case period(Period)
    /// The session.
    case session
    /// Any other dimension.
    case dimension(Dimension)

    /// A period of local time.
    public enum Period: String, CaseIterable, Hashable, Sendable {
        case hour, day, week, month
    }

    /// Reads a name as it stands in `group_by`.
    public init?(_ name: String) {
        if name == "session" {
            self = .session
        } else if let period = Period(rawValue: name) {
            self = .period(period)
        } else if let dimension = Dimension(rawValue: name) {
            self = .dimension(dimension)
        } else {
            return nil
        }
    }

    /// The name, which is also the member of a row that holds the value.
    public var name: String {
        switch self {
        case .period(let period): period.rawValue
        case .session: "session"
        case .dimension(let dimension): dimension.rawValue
        }
    }

    /// Every name that ``init(_:)`` reads.
    public static let allNames =
        Period.allCases.map(\.rawValue) + ["session"] + Dimension.allCases.map(\.rawValue)
}

/// The day a week begins with.
public enum WeekStart: String, CaseIterable, Hashable, Sendable {
    /// As in ISO 8601; the default.
    case monday
    case tuesday, wednesday, thursday, friday, saturday
    /// As in North America.
    case sunday

    /// The weekday, 0 for Sunday to 6 for Saturday.
    var weekday: Int {
        switch self {
        case .sunday: 0
        case .monday: 1
        case .tuesday: 2
        case .wednesday: 3
        case .thursday: 4
        case .friday: 5
        case .saturday: 6
        }
    }
}
