import Foundation
import GRDB
import Ledger
import LocalHTTP
import Supervision
import Support
import Wire
import ZeroMQ

/// A ledger of many charges, written by the real service, and how long it takes to be read: beside each figure stands
/// what a plain SQL `GROUP BY` over the same rows takes in the same run.
struct LedgerReading {
    private static let batch = 256
    private static let requests = 200
    private let services: RunningServices
    private let charges: Int64
    private let executables: String

    init(executables: String, charges: Int64) throws {
        services = try RunningServices(executables: executables, services: [.query])
        self.charges = charges
        self.executables = executables
    }

    func stop() {
        services.shutDown()
    }

    /// Sends all charges through the service's own socket and waits until the last is durable.
    func fill() throws {
        let context = try Context()
        let push = try Socket<Push>(in: context)
        guard let endpoint = Endpoint("tcp://127.0.0.1:\(services.deployment.ports[.charges])") else { return }
        try push.connect(endpoint)
        var generator = ChargeGenerator(count: charges)
        let stream = UUID().uuidString.lowercased()
        let start = ContinuousClock.now
        var sent: Int64 = 0
        while sent < charges {
            let count = min(Int64(Self.batch), charges - sent)
            let events = (0..<count).map { _ in ChargeTransaction(charges: [generator.next()]).json }
            let frame = Batch.encode(stream: stream, first: sent + 1, low: sent + 1, events: events)
            while try !push.send(frame) { _ = try push.wait(for: .writable, timeout: .seconds(10)) }
            sent += count
        }
        while try services.metric("tollbook_ledger_last_sequence", of: .query) < Double(charges) {
            pause(.milliseconds(50))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(
            String(
                format: "%lld charges written in %.0f s: %.0f charges/s", charges, seconds, Double(charges) / seconds))
    }

    /// Prints every figure.
    func measure() throws {
        let since = "since=2025-11-28&until=2026-11-27"
        let daily = try sql("day, NULL", "day")
        let byModel = try sql("day, model", "day, model")
        let total = try sql("0, NULL", "1")
        for zone in ["UTC", "Europe/Berlin"] {
            let range = "\(since)&timezone=\(zone)"
            print("\(zone):")
            try report("/v1/usage by day, a year", ["/v1/usage?group_by=day&\(range)"], daily)
            try report(
                "/v1/usage by day and model, a year", ["/v1/usage?group_by=day,model&limit=10000&\(range)"], byModel)
            try report("the dashboard's first screen, a year", firstScreen(range, zone), daily + byModel + total * 3)
        }
        try reportCommand("tollbook daily, a year", daily)
    }

    /// What the dashboard asks for before it shows its first screen.
    private func firstScreen(_ range: String, _ zone: String) -> [String] {
        [
            "/v1/usage?since=2026-11-27&until=2026-11-27&timezone=\(zone)",
            "/v1/usage?since=2024-11-28&until=2025-11-27&timezone=\(zone)",
            "/v1/usage?group_by=week,model&limit=10000&\(range)", "/v1/usage?group_by=provider,model&\(range)",
            "/v1/sessions?limit=10&\(range)",
        ]
    }

    private func report(_ name: String, _ requests: [String], _ sql: Duration) throws {
        var connection = HTTPConnection(to: services.query)
        let first = try time { try ask(requests, &connection) }
        let times = try (0..<Self.requests).map { _ in try time { try ask(requests, &connection) } }.sorted()
        show(name, first, times, sql)
    }

    private func reportCommand(_ name: String, _ sql: Duration) throws {
        let arguments = ["daily", "--json", "--since", "20251128", "--server", services.query.description]
        let run = { try Command(executables + "/tollbook", arguments, environment: ["TZ": "UTC"]) }
        let check = try run()
        guard check.status == 0 else { throw SupportFailure("tollbook daily failed: \(check.errors)") }
        let times = try (0..<50).map { _ in try time { _ = try run() } }.sorted()
        show(name, times[0], times, sql)
    }

    private func show(_ name: String, _ first: Duration, _ times: [Duration], _ sql: Duration) {
        let (middle, late) = (times[times.count / 2], times[times.count * 99 / 100])
        print(
            "  \(name): p50 \(text(middle)), p99 \(text(late)), first \(text(first)); plain SQL \(text(sql)), "
                + "\(Int((sql / middle).rounded())) times as long")
    }

    private func ask(_ requests: [String], _ connection: inout HTTPConnection) throws {
        for request in requests {
            let response = try connection.send(.get(request))
            guard response.isSuccess else { throw SupportFailure("\(request) answered \(response.status)") }
        }
    }

    /// How long SQLite takes to group all charges without any sums kept.
    private func sql(_ columns: String, _ groups: String) throws -> Duration {
        var configuration = Configuration()
        configuration.readonly = true
        let path = services.deployment.data + "/query/ledger.sqlite"
        let database = try DatabaseQueue(path: path, configuration: configuration)
        return try time {
            try database.read { database in
                try database.execute(sql: "PRAGMA cache_size = -65536")
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT \(columns), count(*), sum(uncached_input), sum(cache_read), sum(cache_write_5m),
                            sum(output), sum(computed_cost)
                        FROM (SELECT event_time / 86400000000000 AS day, * FROM charge
                            JOIN dimension_set ON dimension_set = dimension_set.id)
                        GROUP BY \(groups)
                        """)
                guard !rows.isEmpty else { throw SupportFailure("the ledger is empty") }
            }
        }
    }

    private func time(_ work: () throws -> Void) rethrows -> Duration {
        let start = ContinuousClock.now
        try work()
        return ContinuousClock.now - start
    }

    private func text(_ duration: Duration) -> String { String(format: "%.1f ms", duration / .milliseconds(1)) }
}
