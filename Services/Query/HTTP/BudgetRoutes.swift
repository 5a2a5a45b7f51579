import HTTPTypes
import Hummingbird
import Metering
import Reporting
import Wire

/// `/v1/budgets`: how far budgets are used, and setting and removing them.
struct BudgetRoutes: Sendable {
    /// The most bytes of a budget.
    private static let maximumBody = 64 * 1024

    let book: BudgetBook
    let board: BudgetBoard
    let ledger: any LedgerReading
    let now: @Sendable () -> Timestamp

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/budgets") { _, _ in try await list() }
        router.get("/v1/budgets/:name") { _, context in try await show(try entry(context)) }
        router.put("/v1/budgets/:name") { request, context in try await set(request, context) }
        router.delete("/v1/budgets/:name") { _, context in try remove(context) }
    }

    private func list() async throws -> Response {
        var statuses: [(status: BudgetStatus, source: BudgetBook.Source)] = []
        for entry in book.entries {
            statuses.append((try await book.status(entry.budget, at: now(), in: ledger), entry.source))
        }
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", ledger.epoch)
            json.member("state", (statuses.map(\.status.state).max() ?? .ok).rawValue)
            json.key("budgets")
            json.array { json in
                for (status, source) in statuses { json.object { $0.members(of: status, source: source.rawValue) } }
            }
        }
        return .json(json.bytes)
    }

    private func show(_ entry: BudgetBook.Entry, status: HTTPResponse.Status = .ok) async throws -> Response {
        let found = try await book.status(entry.budget, at: now(), in: ledger)
        var json = JSONWriter(capacity: 1024)
        json.object { $0.members(of: found, source: entry.source.rawValue) }
        var response = Response.json(json.bytes)
        response.status = status
        return response
    }

    private func entry(_ context: BasicRequestContext) throws -> BudgetBook.Entry {
        guard let entry = book.entry(try name(context)) else {
            throw Problem(.notFound, "there is no budget of this name; /v1/budgets lists those there are")
        }
        return entry
    }

    private func name(_ context: BasicRequestContext) throws -> String {
        guard let name = context.parameters.get("name"), Budget.isName(name) else {
            throw Problem(RequestError("name", "must be 1 to 100 letters, digits, dots, dashes or underscores"))
        }
        return name
    }

    private func set(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name = try name(context)
        // A form of a stranger's page cannot send this type without asking first.
        guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
            throw Problem(.unsupportedMediaType, "send the budget as application/json")
        }
        let body = try await request.body.collect(upTo: Self.maximumBody)
        let budget = try checked { () throws(RequestError) in
            var json = JSONReader(Array(body.readableBytesView))
            let budget = try Budget(
                from: &json, name: name, isFile: false, isZone: { TimeZones.offsets(of: $0) != nil })
            do throws(JSONError) {
                try json.finish()
            } catch {
                throw RequestError("budget", "must be one JSON object")
            }
            return budget
        }
        let isNew = book.entry(name) == nil
        try changing { try book.set(budget) }
        board.forget(name)
        return try await show(try entry(context), status: isNew ? .created : .ok)
    }

    private func remove(_ context: BasicRequestContext) throws -> Response {
        let name = try name(context)
        let isRemoved = try changing { try book.remove(name) }
        guard isRemoved else { throw Problem(.notFound, "there is no budget of this name") }
        board.forget(name)
        return Response(status: .noContent)
    }

    private func changing<Value>(_ change: () throws -> Value) throws -> Value {
        do {
            return try change()
        } catch BudgetBook.Refusal.isInFile {
            throw Problem(.conflict, "this budget stands in the operator's file (TOLLBOOK_BUDGETS); change it there")
        }
    }
}
