import Foundation
import Hummingbird
import Ledger
import Reporting
import Wire

/// `/api/threads/{id}/token-usage`, in the form that DeerFlow's pages and its readers know.
struct ThreadRoutes: Sendable {
    let ledger: any LedgerReading

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/api/threads/:thread/token-usage") { request, context in
            let name = context.parameters.get("thread").flatMap { $0.removingPercentEncoding }
            guard let name, !name.isEmpty else {
                throw Problem(.badRequest, "the name in the path is not percent-encoded UTF-8")
            }
            return try await usage(of: name, request)
        }
    }

    private func usage(of thread: String, _ request: Request) async throws -> Response {
        let parameters = request.parameters
        let cost = try checked { () throws(RequestError) in
            // Calls count as soon as they are reported, so there are no inactive runs to leave out.
            try parameters.check(allowed: ["include_active", "cost"])
            _ = try parameters.choice("include_active", default: Truth.true)
            return try parameters.choice("cost", default: CostMode.auto)
        }
        guard try await !ledger.sessions(named: thread).sessions.isEmpty else {
            throw Problem(.notFound, "no thread of this name is in the ledger")
        }
        let records = RecordCollector()
        _ = try await ledger.charges(since: nil, until: nil, session: thread) { records.append($0) }
        let standing = records.all.filter { $0.session == thread && $0.facts.marks.contains(.counted) }
        let changes = try await ledger.changes(numbered: standing.map(\.sequence))
        let charges = try zip(standing, changes).map { record, text in
            var reader = JSONReader(text)
            return (charge: try Change(from: &reader).charge, rule: record.rule)
        }
        return .json(ThreadUsage(thread: thread, charges: charges).json(cost: cost))
    }

    private enum Truth: String, CaseIterable {
        case `true`, `false`
    }
}
