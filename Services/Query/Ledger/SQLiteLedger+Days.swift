import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    /// The sums of some days of a zone, or of all days that have any.
    func days(
        _ wanted: Set<Int64>?, _ zone: ZoneOffsets, _ database: Database
    ) throws -> [Int64: [DayCube.Cell]] {
        var sums = DaySums()
        if let wanted {
            for day in wanted {
                guard zone != .utc else {
                    try read(.days, day, day + 1, 0, into: &sums, database)
                    continue
                }
                for part in zone.quarters(ofDay: day) {
                    try read(.quarters, part.first, part.end, part.offset, into: &sums, database)
                }
            }
        } else {
            for stretch in zone.stretches(from: .min, to: .max) { try read(stretch, into: &sums, database) }
        }
        return sums.cells
    }

    /// Reads all days of a stretch of one offset from sums by day of UTC, and moves what belongs to the neighbouring day: of
    /// a year of quarter hours only those between one midnight and the other are read.
    private func read(_ stretch: ZoneOffsets.Stretch, into sums: inout DaySums, _ database: Database) throws {
        let perDay = 86_400 / ReadPlan.quarter
        let low = stretch.start == .min ? Int64.min : stretch.start.flooredQuotient(ReadPlan.quarter)
        let high = stretch.end == .max ? Int64.max : stretch.end.flooredQuotient(ReadPlan.quarter)
        let first = low == .min ? Int64.min : -(-low).flooredQuotient(perDay)
        let end = high == .max ? Int64.max : high.flooredQuotient(perDay)
        guard first < end else { return try read(.quarters, low, high, stretch.offset, into: &sums, database) }
        if low != .min { try read(.quarters, low, first * perDay, stretch.offset, into: &sums, database) }
        var days: Set<Int64> = []
        try forEachSum(.days(from: first, to: end), UsageFilter(), database) { time, set, usage in
            guard case .day(let civil) = time else { return }
            let day = Int64(civil.daysSinceEpoch)
            days.insert(day)
            sums.add(usage, ZoneOffsets.parts(ofDay: day, offset: stretch.offset).day, set)
        }
        for parts in days.map({ ZoneOffsets.parts(ofDay: $0, offset: stretch.offset) }) where !parts.rest.isEmpty {
            try forEachSum(.quarters(parts.rest), UsageFilter(), database) { _, set, usage in
                sums.subtract(usage, parts.day, set)
                sums.add(usage, parts.otherDay, set)
            }
        }
        if high != .max { try read(.quarters, end * perDay, high, stretch.offset, into: &sums, database) }
    }

    private func read(
        _ table: UsageTable, _ first: Int64, _ end: Int64, _ offset: Int64, into sums: inout DaySums,
        _ database: Database
    ) throws {
        guard first < end else { return }
        let unit = table.name == UsageTable.days.name ? 86_400 : ReadPlan.quarter
        let span = SumSpan(table: table, unit: unit, first: first, end: end, offset: offset, grain: .day)
        try forEachSum(span, UsageFilter(), database) { time, set, usage in
            guard case .day(let day) = time else { return }
            sums.add(usage, Int64(day.daysSinceEpoch), set)
        }
    }
}

extension SQLiteLedger.SumSpan {
    fileprivate static func days(from first: Int64, to end: Int64) -> Self {
        Self(table: .days, unit: 86_400, first: first, end: end, offset: 0, grain: .day)
    }

    fileprivate static func quarters(_ range: Range<Int64>) -> Self {
        Self(
            table: .quarters, unit: ReadPlan.quarter, first: range.lowerBound, end: range.upperBound, offset: 0,
            grain: .whole)
    }
}

/// Sums by local day and dimensions while they are gathered.
private struct DaySums {
    private struct Key: Hashable {
        let day: Int64
        let set: Int64
    }

    private var sums: [Key: Usage] = [:]

    /// What is not zero, by day.
    var cells: [Int64: [DayCube.Cell]] {
        var cells: [Int64: [DayCube.Cell]] = [:]
        for (key, usage) in sums where !usage.isZero {
            cells[key.day, default: []].append(DayCube.Cell(set: key.set, usage: usage))
        }
        return cells
    }

    mutating func add(_ usage: Usage, _ day: Int64, _ set: Int64) {
        sums[Key(day: day, set: set), default: Usage()] += usage
    }

    mutating func subtract(_ usage: Usage, _ day: Int64, _ set: Int64) {
        sums[Key(day: day, set: set), default: Usage()] -= usage
    }
}
