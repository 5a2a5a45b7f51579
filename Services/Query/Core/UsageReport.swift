import Metering

/// The answer to a usage request: rows, and totals that are their sum over all pages.
public struct UsageReport: Hashable, Sendable {
    /// What was asked.
    public let request: UsageRequest
    /// The rows of this page, ordered by their group values, times first to last.
    public let rows: [Row]
    /// The sum of all rows, those of other pages included.
    public let totals: Usage
    /// Where the next page begins; `nil` on the last.
    public let next: RowCursor?

    /// One row.
    public struct Row: Hashable, Sendable {
        /// The group values as they are shown, in the order of the request; `nil` for none.
        public let labels: [String?]
        /// The sums.
        public var usage: Usage
    }

    /// Folds cells into rows.
    public init(_ request: UsageRequest, cells: [UsageCell]) {
        // Sums are large: they stay where they are, and places are looked up and sorted instead.
        var keys: [[RowValue]] = []
        var sums: [Usage] = []
        var places: [[RowValue]: Int] = [:]
        var totals = Usage()
        // By index: a loop over the cells themselves would copy each.
        for index in cells.indices {
            let key = request.groups.map { Self.value(of: cells[index], $0, request.weekStart) }
            totals += cells[index].usage
            if let place = places[key] {
                sums[place] += cells[index].usage
            } else {
                places[key] = sums.count
                keys.append(key)
                sums.append(cells[index].usage)
            }
        }
        // A row whose charges were all taken back is as if they had never been.
        let sorted = sums.indices.filter { !sums[$0].isZero }.sorted { Self.precedes(keys[$0], keys[$1]) }
        let start = request.after.map { after in
            sorted.firstIndex { Self.precedes(after.values, keys[$0]) } ?? sorted.endIndex
        }
        let rest = sorted[(start ?? 0)...]
        let page = rest.prefix(request.limit)
        self.request = request
        rows = page.map { Row(labels: zip(keys[$0], request.groups).map(Self.label), usage: sums[$0]) }
        self.totals = totals
        next = rest.count > page.count ? page.last.map { RowCursor(values: keys[$0]) } : nil
    }

    private static func precedes(_ left: [RowValue], _ right: [RowValue]) -> Bool {
        for (left, right) in zip(left, right) where left != right { return left < right }
        return false
    }

    private static func value(of cell: UsageCell, _ group: GroupKey, _ weekStart: WeekStart) -> RowValue {
        let text: String?
        switch group {
        case .period(let period): return value(of: cell.time, period, weekStart)
        case .session: text = cell.session
        case .dimension(let dimension): text = cell.dimensions[dimension]
        }
        return text.map { .text($0) } ?? .none
    }

    private static func value(
        of time: UsageCell.Time, _ period: GroupKey.Period, _ weekStart: WeekStart
    ) -> RowValue {
        let day: CivilDay
        switch time {
        case .whole: return .none
        case .day(let local): day = local
        case .hour(let start, let offset):
            if period == .hour { return .number(start * offsetPlaces + offset) }
            day = CivilDay(daysSinceEpoch: Int((start + offset).flooredQuotient(86_400)))
        }
        return .number(Int64(firstDay(of: day, period, weekStart).daysSinceEpoch))
    }

    private static func label(of value: RowValue, _ group: GroupKey) -> String? {
        switch (value, group) {
        case (.none, _): return nil
        case (.text(let text), _): return text
        case (.number(let number), .period(.hour)):
            let start = (number + offsetPlaces / 2).flooredQuotient(offsetPlaces)
            return label(hour: start, number - start * offsetPlaces)
        case (.number(let number), let group):
            let day = CivilDay(daysSinceEpoch: Int(number)).description
            return group == .period(.month) ? String(day.dropLast(3)) : day
        }
    }

    /// More than twice any offset.
    ///
    /// Where a clock changes within the hour, as in Chatham, the hours before and after it begin at one
    /// instant and are still two.
    private static let offsetPlaces: Int64 = 1 << 18

    private static func firstDay(of day: CivilDay, _ period: GroupKey.Period, _ weekStart: WeekStart) -> CivilDay {
        switch period {
        case .hour, .day: return day
        case .week:
            let past = (day.weekday - weekStart.weekday + 7) % 7
            return CivilDay(daysSinceEpoch: day.daysSinceEpoch - past)
        case .month: return CivilDay(daysSinceEpoch: day.daysSinceEpoch - day.date.day + 1)
        }
    }

    /// The hour with its offset, which tells the two apart that a clock set back shows alike.
    private static func label(hour start: Int64, _ offset: Int64) -> String {
        let local = Timestamp(seconds: start + offset).description.dropLast()
        guard offset != 0 else { return local + "Z" }
        let minutes = abs(offset) / 60
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return local + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }
}
