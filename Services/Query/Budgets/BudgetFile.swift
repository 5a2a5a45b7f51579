import Foundation
import Reporting
import Wire

/// The operator's file of budgets: `{"budgets":[...]}`.
struct BudgetFile: Sendable {
    let path: String

    /// When the file was last changed; `nil` while there is none.
    var changed: Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }

    /// Reads the budgets.
    ///
    /// - Throws: ``BudgetFileError`` that says what is wrong and where.
    func budgets() throws(BudgetFileError) -> [Budget] {
        guard let text = FileManager.default.contents(atPath: path) else {
            throw BudgetFileError(path: path, detail: "cannot be read")
        }
        var budgets: [Budget] = []
        var fault: RequestError?
        var json = JSONReader(Array(text))
        do throws(JSONError) {
            try json.object { key, json throws(JSONError) in
                guard case "budgets" = key else { return try json.skip() }
                try json.array { json throws(JSONError) in
                    let value = try json.raw()
                    guard fault == nil else { return }
                    do throws(RequestError) {
                        var reader = JSONReader(Array(text[value]))
                        budgets.append(
                            try Budget(from: &reader, isFile: true, isZone: { TimeZones.offsets(of: $0) != nil }))
                    } catch {
                        fault = error
                    }
                }
            }
            try json.finish()
        } catch {
            throw BudgetFileError(path: path, detail: "is not JSON of budgets (\(error))")
        }
        if let fault { throw BudgetFileError(path: path, detail: "budget \(budgets.count + 1): \(fault)") }
        let names = budgets.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw BudgetFileError(path: path, detail: "names the budget \(twice) twice")
        }
        return budgets
    }
}

/// Why a file of budgets cannot be used.
struct BudgetFileError: Error, CustomStringConvertible {
    let path: String
    let detail: String

    var description: String { "\(path): \(detail); correct it, or unset TOLLBOOK_BUDGETS" }
}
