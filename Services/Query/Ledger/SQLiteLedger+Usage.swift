import GRDB
import Metering
import Reporting

extension SQLiteLedger {
    func cells(_ plan: ReadPlan, filter: UsageFilter) async throws -> (cells: [UsageCell], last: Int64) {
        // Sums in memory may be newer than what a reader of the database sees; it then looks again.
        for _ in 0..<8 {
            let cubes = currentCubes
            let answer = try await pool.read { [self] database in try cells(plan, filter, database, cubes) }
            if let answer { return answer }
        }
        let answer = try await pool.read { [self] database in try cells(plan, filter, database, nil) }
        guard let answer else { throw StoredValueError(table: "usage_day") }
        return answer
    }

    /// Reads a plan at one moment; `nil` where the sums in memory are of a later one.
    private func cells(
        _ plan: ReadPlan, _ filter: UsageFilter, _ database: Database, _ cubes: DayCubes?
    ) throws -> (cells: [UsageCell], last: Int64)? {
        let last = try Self.lastSequence(database)
        var cells: [UsageCell] = []
        var steps = plan.steps
        while let step = steps.popLast() {
            if case .localDays(let first, let end, let zone, let grain) = step {
                let cube: DayCube?
                switch try cubes?.cube(of: zone, at: last, touched, { try days($0, zone, database) }) ?? .tooLarge {
                case .current(let current): cube = current
                case .tooLarge: cube = nil
                case .newer: return nil
                }
                if let cube {
                    cells += try cube.cells(first: first, end: end, grain: grain, filter, plan.dimensions) {
                        try dimensions.values($0, database)
                    }
                } else {
                    steps += ReadPlan.lowered(first: first, end: end, zone: zone, grain: grain)
                }
                continue
            }
            cells += try self.cells(step, plan, filter, database).map { cell in
                UsageCell(
                    time: cell.time, session: cell.session, dimensions: cell.dimensions.kept(plan.dimensions),
                    usage: cell.usage)
            }
        }
        return (cells, last)
    }

    private func cells(
        _ step: ReadPlan.Step, _ plan: ReadPlan, _ filter: UsageFilter, _ database: Database
    ) throws -> [UsageCell] {
        switch step {
        case .localDays(let first, let end, let zone, let grain):
            return try ReadPlan.lowered(first: first, end: end, zone: zone, grain: grain)
                .flatMap { try cells($0, plan, filter, database) }
        case .days(let first, let end, let grain):
            let span = SumSpan(table: .days, unit: 86_400, first: first, end: end, offset: 0, grain: grain)
            return try sums(span, filter, database)
        case .quarters(let first, let end, let offset, let grain):
            let span = SumSpan(
                table: .quarters, unit: ReadPlan.quarter, first: first, end: end, offset: offset, grain: grain)
            return try sums(span, filter, database)
        case .charges(let first, let end, let offset, let grain):
            var condition = SQLFilter()
            condition.add("event_time", from: first, below: end)
            return try folded(condition, overlapping: first..<end, filter, plan.isBySession, database) {
                UsageCell.Time($0.seconds, offset: offset, grain: grain)
            }
        case .sessions(let first, let end):
            return try sessionSums(first: first, end: end, filter, plan.isBySession, database)
        }
    }

    /// A stretch of a table of sums by time.
    struct SumSpan {
        let table: UsageTable
        /// Seconds of a row.
        let unit: Int64
        let first: Int64
        let end: Int64
        let offset: Int64
        let grain: ReadPlan.Grain
    }

    private func sums(_ span: SumSpan, _ filter: UsageFilter, _ database: Database) throws -> [UsageCell] {
        var cells: [UsageCell] = []
        try forEachSum(span, filter, database) { time, set, usage in
            cells.append(
                UsageCell(
                    time: time, session: nil, dimensions: try dimensions.values(set, database), usage: usage))
        }
        return cells
    }

    /// Visits the sums of a stretch by time and dimensions.
    func forEachSum(
        _ span: SumSpan, _ filter: UsageFilter, _ database: Database,
        _ visit: (UsageCell.Time, Int64, Usage) throws -> Void
    ) throws {
        var condition = SQLFilter(filter)
        condition.add(span.table.key.0, from: span.first, below: span.end)
        let seconds: Int64 =
            switch span.grain {
            case .whole: 0
            case .day: 86_400
            case .hour: 3600
            }
        // The bias keeps the division from rounding times before 1970 up.
        let bias: Int64 = 200_000 * 86_400
        let bucket =
            seconds == 0 ? "0" : "(\(span.table.key.0) * \(span.unit) + \(span.offset) + \(bias)) / \(seconds)"
        // A row of a day of UTC is its group alone: all days of a ledger are then read without being sorted.
        let isRowByRow = span.unit == seconds && span.offset == 0
        let sums = isRowByRow ? UsageTable.sumColumns : UsageTable.sums
        let sql =
            "SELECT \(bucket), dimension_set, \(sums) FROM \(span.table.name)\(condition.clause)"
            + (isRowByRow ? "" : " GROUP BY 1, 2")
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: condition.arguments)
        while let row = try rows.next() {
            let local = (row[0] as Int64) * seconds - bias
            let time = UsageCell.Time(local - span.offset, offset: span.offset, grain: span.grain)
            try visit(time, row[1], Usage(row: row, from: 2))
        }
    }

    /// Sums of sessions that lie within a range, and single charges of those that reach beyond.
    private func sessionSums(
        first: Int64, end: Int64, _ filter: UsageFilter, _ isBySession: Bool, _ database: Database
    ) throws -> [UsageCell] {
        var inside = SQLFilter(filter)
        inside.add(sessions: filter.sessions)
        inside.add("first_time", from: first, below: .max)
        inside.add("last_time", from: .min, below: end)
        let sql =
            "SELECT session, dimension_set, \(UsageTable.sums) FROM usage_session JOIN scope ON scope = id"
            + inside.clause + " GROUP BY 1, 2"
        var cells: [UsageCell] = []
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: inside.arguments)
        while let row = try rows.next() {
            cells.append(
                UsageCell(
                    time: .whole, session: isBySession ? row[0] as String : nil,
                    dimensions: try dimensions.values(row[1], database), usage: Usage(row: row, from: 2)))
        }
        guard first != .min || end != .max else { return cells }
        var beyond = SQLFilter()
        beyond.add("event_time", from: first, below: end)
        let (low, high) = (first == .min ? nil : first, end == .max ? nil : end)
        beyond.add(
            "((? IS NOT NULL AND first_time < ?) OR (? IS NOT NULL AND last_time >= ?))", [low, low, high, high])
        return try cells + folded(beyond, overlapping: first..<end, filter, isBySession, database) { _ in .whole }
    }

    /// Sums of single charges, found over the sessions that overlap a range.
    private func folded(
        _ condition: SQLFilter, overlapping range: Range<Int64>, _ filter: UsageFilter, _ isBySession: Bool,
        _ database: Database, time: (Timestamp) -> UsageCell.Time
    ) throws -> [UsageCell] {
        struct Key: Hashable {
            let time: UsageCell.Time
            let session: String?
            let dimensions: DimensionValues
        }
        var condition = condition
        condition.add("last_time", from: range.lowerBound, below: .max)
        condition.add("first_time", from: .min, below: range.upperBound)
        condition.add(sessions: filter.sessions)
        var sums: [Key: Usage] = [:]
        try forEachCharge(condition, database) { record in
            guard filter.admits(record.dimensions) else { return }
            let key = Key(
                time: time(record.eventTime), session: isBySession ? record.session : nil, dimensions: record.dimensions
            )
            sums[key, default: Usage()] += record.facts.usage(record.rule)
        }
        return sums.map { UsageCell(time: $0.time, session: $0.session, dimensions: $0.dimensions, usage: $1) }
    }
}

extension SQLFilter {
    fileprivate mutating func add(sessions: Set<String>) {
        guard !sessions.isEmpty else { return }
        let marks = Array(repeating: "?", count: sessions.count).joined(separator: ",")
        add("session IN (\(marks))", StatementArguments(sessions.sorted()))
    }
}
