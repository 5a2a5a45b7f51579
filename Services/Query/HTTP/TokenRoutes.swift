import Hummingbird
import Ledger
import Metering
import Reporting
import Synchronization
import Wire

/// `/api/tokens`, in the form that Beacon's dashboard and its readers know.
struct TokenRoutes: Sendable {
    let ledger: any LedgerReading

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/api/tokens") { request, _ in try await tokens(request) }
    }

    private func tokens(_ request: Request) async throws -> Response {
        let wanted = try checked { () throws(RequestError) in try TokenReportRequest(request.parameters) }
        let report = Mutex(TokenReport(wanted))
        let steps = RecordCollector()
        _ = try await ledger.charges(since: wanted.since, until: wanted.until, session: wanted.session) { records in
            report.withLock { report in
                for record in records { report.add(record) }
            }
            guard wanted.session != nil else { return }
            steps.append(records.filter { $0.facts.marks.contains(.counted) && wanted.admits($0) })
        }
        let finished = report.withLock { $0 }
        guard let session = wanted.session else { return .json(finished.json()) }
        let charges = try await ledger.changes(numbered: steps.all.map(\.sequence)).map { text in
            var reader = JSONReader(text)
            return try Change(from: &reader).charge
        }
        return .json(finished.json(session: (charges.first?.call.scope.session ?? session, charges)))
    }
}
