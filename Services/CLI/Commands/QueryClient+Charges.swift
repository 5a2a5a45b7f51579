import LocalHTTP
import Repricing

extension QueryClient {
    /// Hands over the charges that stand, whole, a page at a time.
    mutating func forEachPage(
        of parameters: [(name: String, value: String)], _ visit: ([LedgerCharge]) throws -> Void
    ) throws {
        var after: Int64?
        repeat {
            let place = after.map { [(name: "after", value: String($0))] } ?? []
            let page = try ChargesPage(json: try get("/v1/charges" + QueryString.encode(parameters + place)).body)
            try visit(page.charges)
            after = page.next
        } while after != nil
    }
}
