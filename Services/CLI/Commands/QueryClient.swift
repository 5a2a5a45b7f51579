import Console
import LocalHTTP
import Wire

/// Asks the query service.
struct QueryClient: ~Copyable {
    private var connection: HTTPConnection

    /// - Parameter timeout: the longest wait for each part of an answer.
    init(address: HTTPAddress, timeout: Duration = .seconds(30)) {
        connection = HTTPConnection(to: address, timeout: timeout)
    }

    /// Usage by period, harness and model; by session with what else is known of each.
    mutating func usage(_ request: UsageRequest) throws -> [UsageCell] {
        var cells: [UsageCell] = []
        var cursor: String?
        repeat {
            let target = "/v1/usage" + QueryString.encode(request.usageParameters(after: cursor))
            let page = try UsagePage(json: try get(target).body)
            cells += page.cells
            cursor = page.next
        } while cursor != nil
        return request.kind == .session ? try completed(cells, request) : cells
    }

    private mutating func completed(_ cells: [UsageCell], _ request: UsageRequest) throws -> [UsageCell] {
        var known: [SessionPage.Identity: SessionPage.Facts] = [:]
        var cursor: String?
        repeat {
            let target = "/v1/sessions" + QueryString.encode(request.sessionParameters(after: cursor))
            let page = try SessionPage(json: try get(target).body)
            known.merge(page.sessions) { $1 }
            cursor = page.next
        } while cursor != nil
        return cells.map { cell in
            var cell = cell
            let facts = known[SessionPage.Identity(harness: cell.harness, session: cell.period)]
            cell.firstActivity = facts?.firstActivity
            cell.lastActivity = facts?.lastActivity
            return cell
        }
    }

    /// The sums of `/v1/usage` under some conditions.
    mutating func totals(_ parameters: [(name: String, value: String)]) throws -> UsageFigures {
        try UsagePage(json: try get("/v1/usage" + QueryString.encode(parameters)).body).totals
    }

    /// Usage by blocks.
    mutating func blocks(_ parameters: [(name: String, value: String)]) throws -> BlockPage {
        try BlockPage(json: try get("/v1/blocks" + QueryString.encode(parameters)).body)
    }

    /// The calls of a session; `nil` when there is no such session.
    mutating func session(_ id: String, mode: String, harness: String?) throws -> SessionEntries? {
        let target = "/v1/sessions/\(QueryString.escape(id))?limit=10000&cost=\(mode)"
        guard let answer = try find(target) else { return nil }
        let entries = try SessionEntries(json: answer.body, session: id, mode: mode, harness: harness)
        return entries.isEmpty ? nil : entries
    }

    /// An answer to the question for changes.
    enum ChangeAnswer {
        case page(ChangePage)
        /// Those asked for are gone; what follows a number can be had.
        case removed(through: Int64, message: String)
    }

    /// The changes after a number.
    mutating func changes(after sequence: Int64, limit: Int) throws -> ChangeAnswer {
        let response = try connection.send(.get("/v1/changes?after=\(sequence)&limit=\(limit)"))
        guard !response.isSuccess else { return .page(try ChangePage(json: response.body)) }
        let message = ProblemText.message(of: response.body, status: response.status)
        guard response.status == 410, let through = ProblemText.resumeAfter(response.body), through > sequence else {
            throw Failure(message)
        }
        return .removed(through: through, message: message)
    }

    /// The newest changes; fewer than asked for where the others were removed because they were old.
    ///
    /// - Parameter limit: how many may be on the page, with those that come meanwhile.
    mutating func newestChanges(_ count: Int64, limit: Int) throws -> ChangePage {
        // After the largest number there is stands nothing, and the answer says how far the ledger is.
        let end = try ChangePage(json: get("/v1/changes?after=\(Int64.max)&limit=1").body)
        var start = max(0, end.last - count)
        while true {
            switch try changes(after: start, limit: limit) {
            case .page(let page): return page
            case .removed(let through, _): start = through
            }
        }
    }

    /// A request's answer; anything but success is an error in the service's own words.
    mutating func get(_ target: String) throws -> HTTPResponse {
        let response = try connection.send(.get(target))
        guard response.isSuccess else { throw Failure(ProblemText.message(of: response.body, status: response.status)) }
        return response
    }

    /// Sends a request that changes something; anything but success is an error in the service's own words.
    mutating func send(_ request: HTTPRequest) throws {
        let response = try connection.send(request)
        guard response.isSuccess else { throw Failure(ProblemText.message(of: response.body, status: response.status)) }
    }

    /// A request's answer, or `nil` when there is no such thing.
    mutating func find(_ target: String) throws -> HTTPResponse? {
        let response = try connection.send(.get(target))
        if response.status == 404 { return nil }
        guard response.isSuccess else { throw Failure(ProblemText.message(of: response.body, status: response.status)) }
        return response
    }
}
