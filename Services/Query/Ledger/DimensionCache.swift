import GRDB
import Reporting
import Synchronization

/// Sets of dimensions by number, for readers; a set never changes once it is made.
final class DimensionCache: Sendable {
    private static let maximumRemembered = 100_000

    private let sets = Mutex<[Int64: DimensionValues]>([:])

    /// The set of a number.
    func values(_ id: Int64, _ database: Database) throws -> DimensionValues {
        if let known = sets.withLock({ $0[id] }) { return known }
        let columns = Dimension.allCases.map(\.rawValue).joined(separator: ", ")
        let select = try database.cachedStatement(sql: "SELECT \(columns) FROM dimension_set WHERE id = ?")
        guard let row = try Row.fetchOne(select, arguments: [id]) else {
            throw StoredValueError(table: "dimension_set")
        }
        let values = DimensionValues(values: Dimension.allCases.indices.map { row[$0] as String? })
        sets.withLock { sets in
            if sets.count >= Self.maximumRemembered { sets.removeAll() }
            sets[id] = values
        }
        return values
    }
}
