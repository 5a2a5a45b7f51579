import Console
import LocalHTTP
import Wire

/// Asks the query service.
struct QueryClient: ~Copyable {
    private var connection: HTTPConnection

    init(address: HTTPAddress) {
        connection = HTTPConnection(to: address)
    }

    /// Usage by period, harness and model.
    mutating func usage(_ request: UsageRequest) throws -> [UsageCell] {
        var cells: [UsageCell] = []
        var cursor: String?
        repeat {
            let response = try get(request.target(after: cursor))
            let page = try UsagePage(json: response.body, kind: request.kind)
            cells += page.cells
            cursor = page.next
        } while cursor != nil
        return cells
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
