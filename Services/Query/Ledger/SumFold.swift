import Reporting

/// The sums of one batch, folded in memory and written once.
struct SumFold {
    private struct Key: Hashable {
        let first: Int64
        let dimensionSet: Int64
    }

    private var quarters: [Key: Usage] = [:]
    private var sessions: [Key: Usage] = [:]
    private var taken: [Int64: Usage] = [:]
    private var activity: [Key: ClosedRange<Int64>] = [:]

    /// The quarter hours whose sums change.
    var touchedQuarters: Set<Int64> { Set(quarters.keys.map(\.first)) }

    mutating func removeAll() {
        quarters.removeAll(keepingCapacity: true)
        sessions.removeAll(keepingCapacity: true)
        taken.removeAll(keepingCapacity: true)
        activity.removeAll(keepingCapacity: true)
    }

    mutating func add(_ usage: Usage, quarter: Int64, scope: Int64, dimensionSet: Int64) {
        quarters[Key(first: quarter, dimensionSet: dimensionSet), default: Usage()] += usage
        sessions[Key(first: scope, dimensionSet: dimensionSet), default: Usage()] += usage
    }

    mutating func subtract(_ usage: Usage, quarter: Int64, scope: Int64, dimensionSet: Int64) {
        quarters[Key(first: quarter, dimensionSet: dimensionSet), default: Usage()] -= usage
        sessions[Key(first: scope, dimensionSet: dimensionSet), default: Usage()] -= usage
    }

    /// Notes when something counted was, in nanoseconds since the Unix epoch.
    mutating func see(_ time: Int64, quarter: Int64, dimensionSet: Int64) {
        let key = Key(first: quarter, dimensionSet: dimensionSet)
        guard let known = activity[key] else {
            activity[key] = time...time
            return
        }
        guard !known.contains(time) else { return }
        activity[key] = min(known.lowerBound, time)...max(known.upperBound, time)
    }

    /// Notes what was taken away from the totals of a set of dimensions, for counters that never fall.
    mutating func takeAway(_ usage: Usage, dimensionSet: Int64) {
        taken[dimensionSet, default: Usage()] += usage
    }

    func flush(_ statements: WriterStatements) throws {
        let perDay = 86_400 / ReadPlan.quarter
        var days: [Key: Usage] = [:]
        // What was added is what the totals rose by, and what was taken away besides.
        var added = taken
        for (key, usage) in quarters where !usage.isZero {
            days[Key(first: key.first.flooredQuotient(perDay), dimensionSet: key.dimensionSet), default: Usage()] +=
                usage
            try Self.write(usage, key, statements.addToQuarter)
        }
        for (key, usage) in quarters { added[key.dimensionSet, default: Usage()] += usage }
        for (key, times) in activity {
            statements.widenActivity.bind(1, key.first)
            statements.widenActivity.bind(2, key.dimensionSet)
            statements.widenActivity.bind(3, times.lowerBound)
            statements.widenActivity.bind(4, times.upperBound)
            try statements.widenActivity.run()
        }
        for (key, usage) in days { try Self.write(usage, key, statements.addToDay) }
        for (key, usage) in sessions where !usage.isZero { try Self.write(usage, key, statements.addToSession) }
        for (set, usage) in added { try Self.write(usage, Key(first: 0, dimensionSet: set), statements.addToMovement) }
        for (set, usage) in taken { try Self.write(usage, Key(first: 1, dimensionSet: set), statements.addToMovement) }
    }

    private static func write(_ usage: Usage, _ key: Key, _ statement: BoundStatement) throws {
        statement.bind(1, key.first)
        statement.bind(2, key.dimensionSet)
        for (place, value) in usage.columns.enumerated() { statement.bind(Int32(place + 3), value) }
        try statement.run()
    }
}
