import Foundation
import LocalHTTP
import Supervision
import Support

/// A great many conversations of one call each: what a scope costs in memory and on disk.
struct ManyScopes {
    private static let callsPerRequest = 200
    private let services: RunningServices

    init(executables: String) throws {
        services = try RunningServices(executables: executables)
    }

    func stop() {
        services.shutDown()
    }

    /// Fills a number of scopes and tells what they take, one line each.
    func fill(_ scopes: Int) throws -> [String] {
        let before = try services.residentMemory(of: .dedupe)
        var generator = TelemetryGenerator(seed: 5, sessions: 1)
        var connection = HTTPConnection(to: services.ingest)
        var sent = 0
        while sent < scopes {
            let body = generator.logsOfNewSessions(calls: min(Self.callsPerRequest, scopes - sent))
            try post(body, &connection)
            sent += Self.callsPerRequest
        }
        try waitForLedger(scopes)
        var lines = Service.startOrder.map { service in
            let memory = (try? services.residentMemory(of: service)) ?? 0
            let name = service.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
            return "  \(name) \(memory / 1_048_576) MiB resident"
        }
        let grown = max(0, try services.residentMemory(of: .dedupe) - before)
        let files = services.files.filter { $0.name.contains("dedupe/") }.reduce(0) { $0 + $1.bytes.count }
        lines.append("  dedupe: \(grown / Int64(scopes)) bytes of memory and \(files / scopes) bytes on disk a scope")
        return lines
    }

    private func post(_ body: [UInt8], _ connection: inout HTTPConnection) throws {
        while true {
            let response = try connection.send(.post("/v1/logs", "application/json", body))
            if response.isSuccess { return }
            guard response.status == 503 || response.status == 429 else {
                throw SupportFailure("ingest answered \(response.status)")
            }
            pause(.milliseconds(20))
        }
    }

    private func waitForLedger(_ scopes: Int) throws {
        struct Answer: Decodable {
            let totals: Totals

            struct Totals: Decodable {
                let calls: Int
            }
        }
        var query = HTTPConnection(to: services.query)
        let deadline = ContinuousClock.now + .seconds(3600)
        while true {
            let response = try query.send(.get("/v1/usage"))
            let counted = try JSONDecoder().decode(Answer.self, from: Data(response.body)).totals.calls
            if counted >= scopes { return }
            guard ContinuousClock.now < deadline else { throw SupportFailure("the ledger did not take everything") }
            pause(.milliseconds(200))
        }
    }
}
