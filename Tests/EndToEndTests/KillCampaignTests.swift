import Foundation
import Supervision
import Support
import Synchronization
import Testing

extension EndToEndTests {
    /// Services that die without warning, at any moment, under load.
    @Suite struct KillCampaignTests {
        static let calls = 20_000
        static let callsPerRequest = 50
        static let kills = 30

        @Test(arguments: [20_261_121 as UInt64])
        func `nothing is lost and nothing counts twice whatever dies`(seed: UInt64) throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let killer = Killer(of: services, seed: seed, atLeast: Self.kills)
            defer { killer.cancel() }
            var random = SeededRandom(seed: seed)
            var generator = TelemetryGenerator(seed: seed)
            var sent: [[UInt8]] = []
            for number in 0..<Self.calls / Self.callsPerRequest {
                sent.append(generator.logs(calls: Self.callsPerRequest))
                try services.deliver(sent[number], to: "logs")
                // Clients repeat what they have no answer to; here some of what was answered, too.
                if number % 7 == 0, let body = sent.randomElement(using: &random) {
                    try services.deliver(body, to: "logs")
                }
                pause(.milliseconds(15))
            }
            let killed = try killer.finish()
            for service in Service.startOrder { try services.waitUntilReady(service) }

            let view = try services.settledLedger(timeout: .seconds(180)) { $0.books == generator.books }
            let differences = view.books.differences(from: generator.books)
            #expect(differences.isEmpty, "\(differences.prefix(5).joined(separator: "\n"))")
            #expect(view.books.total == generator.books.total)
            #expect(view.books.total.calls == Int64(Self.calls))
            #expect(try services.metric("tollbook_dedupe_conservation_error", of: .dedupe) == 0)
            #expect(killed.values.reduce(0, +) >= Self.kills)
            #expect(Set(killed.keys) == Set(Service.allCases), "every service was killed")
            print("killed \(killed) during \(Self.calls) calls: books agree")
        }
    }
}

/// Kills one service after another at random moments, on a thread of its own, until it is told to finish.
private final class Killer: Sendable {
    private let minimum: Atomic<Int>
    private let isFinishing = Atomic<Bool>(false)
    private let result = Mutex<Result<[Service: Int], any Error>?>(nil)

    init(of services: RunningServices, seed: UInt64, atLeast minimum: Int) {
        self.minimum = Atomic(minimum)
        // A thread, not a task: the test blocks the threads that tasks run on.
        Thread { [self] in
            let outcome = Result { try run(services, SeededRandom(seed: seed ^ 0xDEAD)) }
            result.withLock { $0 = outcome }
        }.start()
    }

    /// Ends the killing once enough have died, and tells how often each did.
    func finish() throws -> [Service: Int] {
        isFinishing.store(true, ordering: .releasing)
        while true {
            if let outcome = result.withLock({ $0 }) { return try outcome.get() }
            pause(.milliseconds(20))
        }
    }

    /// Ends the killing at once, as after a failure.
    func cancel() {
        minimum.store(0, ordering: .releasing)
        _ = try? finish()
    }

    private func run(_ services: RunningServices, _ generator: SeededRandom) throws -> [Service: Int] {
        var random = generator
        var counts: [Service: Int] = [:]
        while !isFinishing.load(ordering: .acquiring) || counts.values.reduce(0, +) < minimum.load(ordering: .acquiring)
        {
            pause(.milliseconds(.random(in: 20...400, using: &random)))
            let victim = Service.allCases[Int.random(in: 0..<Service.allCases.count, using: &random)]
            try services.killAndRestart(victim)
            counts[victim, default: 0] += 1
        }
        return counts
    }
}
