import Console
import LocalHTTP
import Wire

/// Asks the query service.
struct QueryClient: ~Copyable {
    private var connection: HTTPConnection

    init(address: HTTPAddress) {
        connection = HTTPConnection(to: address)
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
            cell.lastActivity = facts?.lastActivity
            cell.project = facts?.project
            return cell
        }
    }

    /// A request's answer; anything but success is an error in the service's own words.
    mutating func get(_ target: String) throws -> HTTPResponse {
        let response = try connection.send(.get(target))
        guard response.isSuccess else { throw Failure(ProblemText.message(of: response.body, status: response.status)) }
        return response
    }

    /// A request's answer, or `nil` when there is no such thing.
    mutating func find(_ target: String) throws -> HTTPResponse? {
        let response = try connection.send(.get(target))
        if response.status == 404 { return nil }
        guard response.isSuccess else { throw Failure(ProblemText.message(of: response.body, status: response.status)) }
        return response
    }
}
