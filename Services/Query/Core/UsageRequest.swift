public import Metering

/// What a reader asks of `/v1/usage`, checked.
public struct UsageRequest: Hashable, Sendable {
    /// What rows are cut by, in the order of the columns; none gives one row.
    public var groups: [GroupKey]
    /// Which charges count.
    public var filter: UsageFilter
    /// The first instant; `nil` from the beginning.
    public var since: Timestamp?
    /// The instant after the last; `nil` to the end.
    public var until: Timestamp?
    /// The zone in which periods are cut.
    public var zone: ZoneOffsets
    /// The day a week begins with.
    public var weekStart: WeekStart
    /// Which cost is shown.
    public var cost: CostMode
    /// The most rows of one answer.
    public var limit: Int
    /// The values of the last row of the answer before.
    public var after: RowCursor?
    /// The form of the answer.
    public var format: Format
    /// How tokens are shown.
    public var view: View
    /// How much a row tells.
    public var detail: Detail

    /// How much a row tells; the totals always tell all.
    public enum Detail: String, CaseIterable, Hashable, Sendable {
        /// Everything.
        case full
        /// Tokens, the cost, and how much of it is missing: a third of the text, for readers of many rows.
        case brief
    }

    /// How tokens are shown.
    public enum View: String, CaseIterable, Hashable, Sendable {
        /// In disjoint classes.
        case disjoint
        /// Also as prompt and completion, cached tokens inside the prompt.
        case inclusive
    }

    /// The form of an answer.
    public enum Format: String, CaseIterable, Hashable, Sendable {
        case json, csv
    }

    /// Makes a request for everything; set what differs.
    public init(groups: [GroupKey] = [], zone: ZoneOffsets = .utc) {
        self.groups = groups
        self.filter = UsageFilter()
        self.zone = zone
        self.weekStart = .monday
        self.cost = .auto
        self.limit = Self.maximumLimit
        self.format = .json
        self.view = .disjoint
        self.detail = .full
    }

    /// The most rows one answer can have.
    public static let maximumLimit = 10_000
}

/// Which charges count: for every dimension named, one of the values.
public struct UsageFilter: Hashable, Sendable {
    /// Allowed values by dimension; `nil` among them stands for "no value".
    public var dimensions: [Dimension: Set<String?>] = [:]
    /// Allowed sessions; all if empty.
    public var sessions: Set<String> = []

    /// Makes a filter that lets everything pass.
    public init() {}

    /// Whether a charge with these values counts; sessions are not looked at.
    public func admits(_ values: DimensionValues) -> Bool {
        dimensions.allSatisfy { $0.value.contains(values[$0.key]) }
    }
}

/// How the missing value of a dimension is written in rows and filters.
public let noneLabel = "(none)"
