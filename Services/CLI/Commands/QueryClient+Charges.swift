import Console
import LocalHTTP
import Repricing

extension QueryClient {
    /// Hands over the charges that stand, whole, a page at a time: those whose texts the ledger still has.
    ///
    /// - Returns: how many it has no texts of; `nil` where none was removed.
    mutating func forEachPage(
        of parameters: [(name: String, value: String)], _ visit: ([LedgerCharge]) throws -> Void
    ) throws -> LeftOut? {
        var after: Int64?
        var listed: Int64 = 0
        var removedBefore: String?
        repeat {
            let place = after.map { [(name: "after", value: String($0))] } ?? []
            let page = try ChargesPage(json: try get("/v1/charges" + QueryString.encode(parameters + place)).body)
            try visit(page.charges)
            listed += Int64(page.charges.count(where: \.isCounted))
            removedBefore = page.removedBefore ?? removedBefore
            after = page.next
        } while after != nil
        guard let removedBefore else { return nil }
        // The whole number is in the kept sums, under the same conditions.
        return LeftOut(standing: try totals(parameters).charges, listed: listed, before: removedBefore)
    }
}
