import Metering
import Reporting
import Synchronization

/// The sums of every day of some zones, kept in memory so that years are read without the database.
///
/// A zone's days are read once and afterwards only those that changes touched: what is kept equals the database at the
/// number of its last change.
final class DayCubes: Sendable {
    /// The most cells of all zones together; beyond it the database answers.
    private static let maximumCells = 500_000
    /// The most zones.
    private static let maximumZones = 4

    private struct Kept {
        var cube: DayCube
        var lastUse: Int
    }

    private struct State {
        var kept: [String: Kept] = [:]
        var uses = 0
    }

    private let state = Mutex(State())

    /// What is known of a zone at a change.
    enum Answer {
        case current(DayCube)
        /// Another reader has read later changes already.
        case newer
        /// There are too many sums to keep.
        case tooLarge
    }

    /// The days of a zone as they are after a change.
    ///
    /// - Parameter read: reads some days, or all, as they are after that change.
    func cube(
        of zone: ZoneOffsets, at sequence: Int64, _ touched: TouchedQuarters,
        _ read: (Set<Int64>?) throws -> [Int64: [DayCube.Cell]]
    ) rethrows -> Answer {
        guard var cube = known(zone.name) else {
            let cube = DayCube(sequence: sequence, days: try read(nil))
            keep(cube, zone.name)
            return .current(cube)
        }
        guard cube.count <= Self.maximumCells else { return .tooLarge }
        guard cube.sequence <= sequence else { return .newer }
        guard cube.sequence < sequence else { return .current(cube) }
        let days = Set(
            touched.quarters(after: cube.sequence).map { quarter in
                let start = quarter * ReadPlan.quarter
                return (start + zone.offset(at: start)).flooredQuotient(86_400)
            })
        cube.replace(days, by: try read(days), at: sequence)
        keep(cube, zone.name)
        return .current(cube)
    }

    private func known(_ zone: String) -> DayCube? {
        state.withLock { state in
            state.uses += 1
            state.kept[zone]?.lastUse = state.uses
            return state.kept[zone]?.cube
        }
    }

    private func keep(_ cube: DayCube, _ zone: String) {
        state.withLock { state in
            guard state.kept[zone].map({ $0.cube.sequence <= cube.sequence }) ?? true else { return }
            // Of what is too large the size alone is remembered.
            let kept = cube.count > Self.maximumCells ? cube.emptied : cube
            state.kept[zone] = Kept(cube: kept, lastUse: state.uses)
            while state.kept.count > 1, isTooMuch(state),
                let oldest = state.kept.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.kept[oldest.key] = nil
            }
        }
    }

    private func isTooMuch(_ state: State) -> Bool {
        state.kept.count > Self.maximumZones
            || state.kept.values.reduce(0) { $0 + $1.cube.cellsHeld } > Self.maximumCells
    }
}

/// The sums of every day of one zone.
struct DayCube {
    /// The sums of a day with one set of dimensions.
    struct Cell {
        let set: Int64
        let usage: Usage
    }

    /// The last change they take in.
    private(set) var sequence: Int64
    /// How many cells there are.
    private(set) var count: Int
    private var days: [Int64: [Cell]]

    init(sequence: Int64, days: [Int64: [Cell]]) {
        self.sequence = sequence
        self.days = days
        count = days.values.reduce(0) { $0 + $1.count }
    }

    /// How many cells are in memory.
    var cellsHeld: Int { days.isEmpty ? 0 : count }

    /// The size without the cells.
    var emptied: DayCube {
        var cube = self
        cube.days = [:]
        return cube
    }

    /// Takes some days as they are after a change.
    mutating func replace(_ replaced: Set<Int64>, by new: [Int64: [Cell]], at sequence: Int64) {
        for day in replaced {
            count += (new[day]?.count ?? 0) - (days[day]?.count ?? 0)
            days[day] = new[day]
        }
        self.sequence = sequence
    }

    /// The sums of a range of days, merged by what is asked for.
    func cells(
        first: Int64, end: Int64, grain: ReadPlan.Grain, _ filter: UsageFilter, _ wanted: Set<Dimension>,
        dimensions: (Int64) throws -> DimensionValues
    ) rethrows -> [UsageCell] {
        var groups = CellGroups(filter, wanted)
        var cells: [UsageCell] = []
        var whole: [Usage] = []
        // In order, as rows are wanted in the end.
        for day in days.keys.filter({ $0 >= first && $0 < end }).sorted() {
            var sums = grain == .whole ? whole : []
            if grain == .whole { whole = [] }
            for cell in days[day] ?? [] {
                guard let group = try groups.group(of: cell.set, dimensions) else { continue }
                while sums.count <= group { sums.append(Usage()) }
                sums[group] += cell.usage
            }
            guard grain != .whole else {
                whole = sums
                continue
            }
            let time = UsageCell.Time.day(CivilDay(daysSinceEpoch: Int(day)))
            cells += groups.cells(of: sums, at: time)
        }
        return grain == .whole ? groups.cells(of: whole, at: .whole) : cells
    }
}

/// Which sets of dimensions fall together for a question.
private struct CellGroups {
    private let filter: UsageFilter
    private let wanted: Set<Dimension>
    /// The group of each set met; `nil` where the filter keeps it out.
    private var known: [Int64: Int?] = [:]
    private var numbers: [DimensionValues: Int] = [:]
    private var values: [DimensionValues] = []

    init(_ filter: UsageFilter, _ wanted: Set<Dimension>) {
        self.filter = filter
        self.wanted = wanted
    }

    mutating func group(of set: Int64, _ dimensions: (Int64) throws -> DimensionValues) rethrows -> Int? {
        if let group = known[set] { return group }
        let all = try dimensions(set)
        guard filter.admits(all) else {
            known[set] = .some(nil)
            return nil
        }
        let merged = all.kept(wanted)
        let group = numbers[merged] ?? values.count
        if group == values.count {
            numbers[merged] = group
            values.append(merged)
        }
        known[set] = group
        return group
    }

    func cells(of sums: [Usage], at time: UsageCell.Time) -> [UsageCell] {
        sums.indices.compactMap { group in
            let usage = sums[group]
            return usage.isZero
                ? nil : UsageCell(time: time, session: nil, dimensions: values[group], usage: usage)
        }
    }
}
