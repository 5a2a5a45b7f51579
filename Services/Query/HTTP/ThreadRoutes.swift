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
        var charges: [Int64: Charge] = [:]
        for text in try await ledger.changes(numbered: standing.map(\.sequence)) {
            var reader = JSONReader(text)
            let change = try Change(from: &reader)
            charges[change.sequence] = change.charge
        }
        var usage = ThreadUsage(thread: thread)
        for record in standing {
            // Of a charge whose text was removed because it was old, the figures are all there is, and enough.
            if let charge = charges[record.sequence] {
                usage.add(charge, record.rule)
            } else {
                usage.add(record)
            }
        }
        return .json(usage.json(cost: cost))
    }

    private enum Truth: String, CaseIterable {
        case `true`, `false`
    }
}
