import HTTPTypes
import Hummingbird
import Reporting

/// `/v1/focus`: the ledger for finance, as FOCUS 1.2 in comma-separated values.
struct FocusRoutes: Sendable {
    let ledger: any LedgerReading

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/focus") { request, _ in try await export(request) }
    }

    private static let names: Set<String> = Set(Dimension.allCases.map(\.rawValue)).union([
        "since", "until", "limit", "cursor",
    ])

    private func export(_ request: Request) async throws -> Response {
        let parameters = request.parameters
        let usage = try checked { () throws(RequestError) in
            try parameters.check(allowed: Self.names, lists: UsageRequest.listNames)
            return try UsageRequest(parameters, groups: FocusExport.groups)
        }
        let (cells, _) = try await ledger.cells(ReadPlan(usage), filter: usage.filter)
        let report = UsageReport(usage, cells: cells)
        var response = Response.json(FocusExport(report).csv, type: "text/csv; charset=utf-8; header=present")
        if let next = report.next, let name = HTTPField.Name("Tollbook-Next-Cursor") {
            response.headers[name] = next.text
        }
        return response
    }
}
