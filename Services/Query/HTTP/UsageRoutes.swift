import HTTPTypes
import Hummingbird
import Reporting

/// `/v1/usage`.
struct UsageRoutes: Sendable {
    let ledger: any LedgerReading
    let zone: ZoneOffsets

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/usage") { request, _ in try await usage(request) }
    }

    private func usage(_ request: Request) async throws -> Response {
        let usage = try checked { () throws(RequestError) in
            try UsageRequest(
                request.parameters, accept: request.headers[.accept], defaultZone: zone, zone: TimeZones.offsets)
        }
        let (cells, last) = try await ledger.cells(ReadPlan(usage), filter: usage.filter)
        let report = UsageReport(usage, cells: cells)
        switch usage.format {
        case .json: return .json(report.json(epoch: ledger.epoch, sequence: last))
        case .csv:
            var response = Response.json(report.csv, type: "text/csv; charset=utf-8; header=present")
            if let next = report.next, let name = HTTPField.Name("Tollbook-Next-Cursor") {
                response.headers[name] = next.text
            }
            return response
        }
    }
}
