import Foundation
import LocalHTTP
import Support

/// Agents that send telemetry to whichever ingest answers, and repeat what they have no answer to.
struct Load {
    let fleet: Fleet
    private(set) var generator: TelemetryGenerator
    private var random: SeededRandom
    private var recent: [[UInt8]] = []
    /// Requests that were tried more than once.
    private(set) var repeated = 0

    init(_ fleet: Fleet, seed: UInt64) {
        self.fleet = fleet
        generator = TelemetryGenerator(seed: seed, sessions: 500)
        random = SeededRandom(seed: seed ^ 0xA6E7)
    }

    /// Sends one request of new calls; every seventh time also one that was sent before, perhaps to another replica.
    mutating func sendNext(calls: Int) throws {
        let body = generator.logs(calls: calls)
        try send(body)
        recent.append(body)
        if recent.count > 50 { recent.remove(at: Int.random(in: 0..<50, using: &random)) }
        if Int.random(in: 0..<7, using: &random) == 0, let again = recent.randomElement(using: &random) {
            try send(again)
        }
    }

    /// Sends until an ingest has it.
    mutating func send(_ body: [UInt8]) throws {
        let deadline = ContinuousClock.now + .seconds(300)
        var attempts = 0
        while true {
            attempts += 1
            if let address = fleet.ingests.randomElement(using: &random) {
                var connection = HTTPConnection(to: address, timeout: .seconds(5))
                let response = try? connection.send(.post("/v1/logs", "application/json", body))
                if response?.isSuccess == true { break }
                if let status = response?.status, status != 503, status != 429 {
                    throw SupportFailure("ingest answered \(status)")
                }
            }
            guard ContinuousClock.now < deadline else { throw SupportFailure("no ingest took a request for 5 minutes") }
            pause(.milliseconds(20))
        }
        if attempts > 1 { repeated += 1 }
    }
}
