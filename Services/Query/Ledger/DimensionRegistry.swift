import GRDB
import Reporting

/// The numbers of sets of dimensions: what interns every name of a charge at once.
struct DimensionRegistry {
    private static let maximumRemembered = 50_000

    private var ids: [DimensionValues: Int64] = [:]

    /// Finds or makes the number of a set.
    mutating func id(of values: DimensionValues, _ database: Database) throws -> Int64 {
        if let id = ids[values] { return id }
        let identity = DatabaseBlob(bytes: values.identity)
        let select = try database.cachedStatement(sql: "SELECT id FROM dimension_set WHERE identity = ?")
        var id = try Int64.fetchOne(select, arguments: [identity])
        if id == nil {
            let marks = Array(repeating: "?", count: Dimension.allCases.count).joined(separator: ", ")
            let insert = try database.cachedStatement(sql: "INSERT INTO dimension_set VALUES (NULL, ?, \(marks))")
            let identityValue: [(any DatabaseValueConvertible)?] = [identity]
            try insert.execute(arguments: StatementArguments(identityValue + values.values.map { $0 }))
            id = database.lastInsertedRowID
        }
        if ids.count >= Self.maximumRemembered { ids.removeAll(keepingCapacity: true) }
        ids[values] = id
        return id ?? 0
    }
}
