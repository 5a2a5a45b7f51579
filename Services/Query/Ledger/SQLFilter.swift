import GRDB
import Metering
import Reporting

/// A filter as a condition on a number of a set of dimensions, and on a session.
struct SQLFilter {
    /// Conditions that all must hold, such as `usage_day.dimension_set IN (...)`.
    private(set) var conditions: [String] = []
    private(set) var arguments = StatementArguments()

    /// Starts with no condition.
    init() {}

    /// Leaves out the canaries of `tollbook doctor`, which count in no total, for a table with a column `harness`.
    static var withoutCanaries: SQLFilter {
        var filter = SQLFilter()
        filter.add("harness <> ?", [Harness.canary.rawValue])
        return filter
    }

    /// Takes a filter over, for a table with a column `dimension_set`.
    init(_ filter: UsageFilter) {
        guard !filter.dimensions.isEmpty else { return }
        var parts: [String] = []
        for dimension in Dimension.allCases {
            guard let values = filter.dimensions[dimension] else { continue }
            let named = values.compactMap(\.self).sorted()
            let marks = Array(repeating: "?", count: named.count).joined(separator: ",")
            var alternatives: [String] = []
            if values.contains(nil) { alternatives.append("\(dimension.rawValue) IS NULL") }
            if !named.isEmpty { alternatives.append("\(dimension.rawValue) IN (\(marks))") }
            // No value at all is a filter too: nothing passes it.
            parts.append(alternatives.isEmpty ? "FALSE" : "(\(alternatives.joined(separator: " OR ")))")
            arguments += StatementArguments(named)
        }
        conditions = ["dimension_set IN (SELECT id FROM dimension_set WHERE \(parts.joined(separator: " AND ")))"]
    }

    /// Adds a condition with its arguments.
    mutating func add(_ condition: String, _ values: StatementArguments = []) {
        conditions.append(condition)
        arguments += values
    }

    /// Adds bounds of a column; the ends of the range of Int64 stand for none.
    mutating func add(_ column: String, from first: Int64, below end: Int64) {
        if first != .min { add("\(column) >= ?", [first]) }
        if end != .max { add("\(column) < ?", [end]) }
    }

    /// The `WHERE` clause, empty where there is no condition.
    var clause: String { conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ") }
}
