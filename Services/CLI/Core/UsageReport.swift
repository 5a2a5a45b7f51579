public import Metering

/// What a report is cut by.
public enum ReportKind: String, CaseIterable, Hashable, Sendable {
    /// A row for each day.
    case daily
    /// A row for each week, named by its first day.
    case weekly
    /// A row for each month.
    case monthly
    /// A row for each conversation.
    case session
}

/// One cell of usage as the query service answers it: a period, a harness and a model.
public struct UsageCell: Hashable, Sendable {
    /// The day, week start, month or session id.
    public var period: String
    /// The harness.
    public var harness: String
    /// The model; `nil` when the source did not name it.
    public var model: String?
    /// The figures.
    public var figures: UsageFigures
    /// The first call's time, for sessions.
    public var firstActivity: Timestamp?
    /// The last call's time, for sessions.
    public var lastActivity: Timestamp?
    /// The project, where it was asked for and is known.
    public var project: String?

    /// Makes a cell.
    public init(period: String, harness: String, model: String?, figures: UsageFigures) {
        self.period = period
        self.harness = harness
        self.model = model
        self.figures = figures
    }
}

/// A report: rows by period, each split by harness and by model, and the sum of all.
public struct UsageReport: Hashable, Sendable {
    /// What the rows are cut by.
    public let kind: ReportKind
    /// The rows, in the order asked for.
    public let rows: [Row]
    /// The sum of all rows.
    public let totals: UsageFigures

    /// One period or session.
    public struct Row: Hashable, Sendable {
        /// The day, week start, month or session id.
        public var period: String
        /// All usage of the period.
        public var figures = UsageFigures()
        /// The usage by harness, by name.
        public var harnesses: [Part] = []
        /// The usage by model: dearest first, then by name.
        public var models: [Part] = []
        /// The first call's time, for sessions.
        public var firstActivity: Timestamp?
        /// The last call's time, for sessions.
        public var lastActivity: Timestamp?
        /// The project, where there is one alone.
        public var project: String?
    }

    /// The usage of one harness or one model inside a row.
    public struct Part: Hashable, Sendable {
        /// The harness or model.
        public var name: String
        /// Its usage.
        public var figures: UsageFigures
        /// A harness's models.
        public var models: [Part] = []
    }

    /// The order of rows.
    public enum Order: String, CaseIterable, Hashable, Sendable {
        /// Periods oldest first, sessions dearest first.
        case asc
        /// The other way round.
        case desc
    }

    /// The name shown for calls whose model no channel named.
    public static let unnamedModel = "(none)"

    /// Folds cells into rows.
    ///
    /// - Parameter isByProject: whether usage of one period in several projects makes several rows.
    public init(kind: ReportKind, cells: [UsageCell], order: Order = .asc, isByProject: Bool = false) {
        var rows: [Row] = []
        var positions: [RowKey: Int] = [:]
        var projects: [Int: Set<String?>] = [:]
        var totals = UsageFigures()
        for cell in cells where cell.figures.totalTokens != 0 || cell.figures.cost != .zero {
            let key = RowKey(period: cell.period, project: isByProject ? cell.project : nil)
            let position = positions[key] ?? rows.count
            if position == rows.count {
                positions[key] = position
                rows.append(Row(period: cell.period))
            }
            rows[position].add(cell)
            projects[position, default: []].insert(cell.project)
            totals += cell.figures
        }
        for position in rows.indices {
            rows[position].sortParts()
            if let known = projects[position], known.count == 1 { rows[position].project = known.first ?? nil }
        }
        rows.sort { Self.precedes($0, $1, kind) }
        // Sessions are wanted dearest first whatever the order, which is about time.
        self.rows = order == .asc || kind == .session ? rows : rows.reversed()
        self.kind = kind
        self.totals = totals
    }

    private struct RowKey: Hashable {
        let period: String
        let project: String?
    }

    private static func precedes(_ left: Row, _ right: Row, _ kind: ReportKind) -> Bool {
        if kind == .session, left.figures.cost != right.figures.cost { return left.figures.cost > right.figures.cost }
        return (left.period, left.project ?? "") < (right.period, right.project ?? "")
    }

    /// The models that have charges without a known cost, by name, for a warning.
    public var modelsWithoutCost: [String] {
        Set(rows.flatMap { $0.models.filter { $0.figures.chargesWithoutCost > 0 }.map(\.name) }).sorted()
    }

    /// Every harness of the report, by name.
    public var harnesses: [String] {
        Set(rows.flatMap { $0.harnesses.map(\.name) }).sorted()
    }
}

extension UsageReport.Row {
    fileprivate mutating func add(_ cell: UsageCell) {
        let model = cell.model ?? UsageReport.unnamedModel
        figures += cell.figures
        let harness = harnesses.position(of: cell.harness)
        harnesses[harness].figures += cell.figures
        harnesses[harness].models[harnesses[harness].models.position(of: model)].figures += cell.figures
        models[models.position(of: model)].figures += cell.figures
        if let activity = cell.firstActivity { firstActivity = min(firstActivity ?? activity, activity) }
        if let activity = cell.lastActivity { lastActivity = max(lastActivity ?? activity, activity) }
    }

    fileprivate mutating func sortParts() {
        harnesses.sort { $0.name < $1.name }
        for index in harnesses.indices { harnesses[index].models.sortByCost() }
        models.sortByCost()
    }
}

extension [UsageReport.Part] {
    fileprivate mutating func position(of name: String) -> Int {
        if let index = firstIndex(where: { $0.name == name }) { return index }
        append(UsageReport.Part(name: name, figures: UsageFigures()))
        return count - 1
    }

    fileprivate mutating func sortByCost() {
        sort { $0.figures.cost == $1.figures.cost ? $0.name < $1.name : $0.figures.cost > $1.figures.cost }
    }
}
