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
        let values: [RowValue]
        /// The group values as they are shown, in the order of the request; `nil` for none.
        public let labels: [String?]
        /// The sums.
        public var usage: Usage
    }

    /// Folds cells into rows.
    public init(_ request: UsageRequest, cells: some Sequence<UsageCell>) {
        // Rows are large: they stay where they are, and places are looked up and sorted instead.
        var rows: [Row] = []
        var places: [[RowValue]: Int] = [:]
        var totals = Usage()
        for cell in cells {
            let keys = request.groups.map { Self.key(of: cell, $0, request.weekStart) }
            let values = keys.map(\.value)
            totals += cell.usage
            if let place = places[values] {
                rows[place].usage += cell.usage
            } else {
                places[values] = rows.count
                rows.append(Row(values: values, labels: keys.map(\.label), usage: cell.usage))
            }
        }
        // A row whose charges were all taken back is as if they had never been.
        let sorted = rows.indices.filter { !rows[$0].usage.isZero }.sorted {
            Self.precedes(rows[$0].values, rows[$1].values)
        }
        let start = request.after.map { after in
            sorted.firstIndex { Self.precedes(after.values, rows[$0].values) } ?? sorted.endIndex
        }
        let rest = sorted[(start ?? 0)...]
        let page = rest.prefix(request.limit)
        self.request = request
        self.rows = page.map { rows[$0] }
        self.totals = totals
        next = rest.count > page.count ? page.last.map { RowCursor(values: rows[$0].values) } : nil
    }

    private static func precedes(_ left: [RowValue], _ right: [RowValue]) -> Bool {
        for (left, right) in zip(left, right) where left != right { return left < right }
        return false
    }

    private static func key(
        of cell: UsageCell, _ group: GroupKey, _ weekStart: WeekStart
    ) -> (value: RowValue, label: String?) {
        switch group {
        case .period(let period): periodKey(cell.time, period, weekStart)
        case .session: textKey(cell.session)
        case .dimension(let dimension): textKey(cell.dimensions[dimension])
        }
    }

    private static func textKey(_ text: String?) -> (value: RowValue, label: String?) {
        (text.map { .text($0) } ?? .none, text)
    }

    private static func periodKey(
        _ time: UsageCell.Time, _ period: GroupKey.Period, _ weekStart: WeekStart
    ) -> (value: RowValue, label: String?) {
        let day: CivilDay
        switch time {
        case .whole: return (.none, nil)
        case .day(let local): day = local
        case .hour(let start, let offset):
            if period == .hour { return (.number(start * offsetPlaces + offset), label(hour: start, offset)) }
            day = CivilDay(daysSinceEpoch: Int((start + offset).flooredQuotient(86_400)))
        }
        let first = firstDay(of: day, period, weekStart)
        let label = period == .month ? String(first.description.dropLast(3)) : first.description
        return (.number(Int64(first.daysSinceEpoch)), label)
    }

    /// More than any offset.
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
