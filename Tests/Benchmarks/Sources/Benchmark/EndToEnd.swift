import Foundation
import LocalHTTP
import Supervision
import Support
import Synchronization

/// The four services of a release build under load.
struct EndToEnd {
    private static let connections = 4
    private static let callsPerRequest = 200
    private let services: RunningServices

    init(executables: String) throws {
        services = try RunningServices(executables: executables)
    }

    func stop() {
        services.shutDown()
    }

    /// Observations per second from the first request until the last observation is committed to the ledger.
    func throughput(observations: Int) throws -> Double {
        var generator = TelemetryGenerator(seed: 1, sessions: 200)
        let bodies = (0..<observations / Self.callsPerRequest).map { _ in generator.logs(calls: Self.callsPerRequest) }
        let next = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: Self.connections) { _ in
            var connection = HTTPConnection(to: services.ingest)
            while case let index = next.add(1, ordering: .relaxed).oldValue, index < bodies.count {
                do {
                    try post(bodies[index], &connection)
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        if let failure = failures.withLock({ $0.first }) { throw SupportFailure(failure) }
        try waitForCalls(bodies.count * Self.callsPerRequest)
        return Double(bodies.count * Self.callsPerRequest) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Processor time that each service has used so far, by observation.
    func processorTimes(per observations: Int) -> [String] {
        Service.startOrder.reversed().compactMap { service in
            guard let time = services.processorTime(of: service) else { return nil }
            let each = time / .microseconds(1) / Double(observations)
            let name = service.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
            return "  \(name) \(String(format: "%6.2f", each)) us of processor time an observation"
        }
    }

    /// How long single requests took until `/v1/usage` counted them.
    func latencies(requests: Int) throws -> (p50: String, p99: String) {
        var generator = TelemetryGenerator(seed: 2, sessions: 5)
        var ingest = HTTPConnection(to: services.ingest)
        var query = HTTPConnection(to: services.query)
        var seen = try countedCalls(&query)
        var times: [Double] = []
        for _ in 0..<requests {
            let body = generator.logs(calls: 1)
            let start = ContinuousClock.now
            try post(body, &ingest)
            while try countedCalls(&query) == seen {}
            times.append((ContinuousClock.now - start) / .milliseconds(1))
            seen += 1
        }
        times.sort()
        func text(_ share: Double) -> String { String(format: "%.1f ms", times[Int(Double(times.count - 1) * share)]) }
        return (text(0.5), text(0.99))
    }

    /// How many calls `/v1/usage` counts now.
    private func countedCalls(_ query: inout HTTPConnection) throws -> Int {
        struct Answer: Decodable {
            let totals: Totals

            struct Totals: Decodable {
                let calls: Int
            }
        }
        let response = try query.send(.get("/v1/usage"))
        guard response.isSuccess else { throw SupportFailure("/v1/usage answered \(response.status)") }
        return try JSONDecoder().decode(Answer.self, from: Data(response.body)).totals.calls
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

    private func waitForCalls(_ calls: Int) throws {
        var query = HTTPConnection(to: services.query)
        let deadline = ContinuousClock.now + .seconds(300)
        while try countedCalls(&query) < calls {
            guard ContinuousClock.now < deadline else { throw SupportFailure("the ledger did not take everything") }
            pause(.milliseconds(5))
        }
    }
}
