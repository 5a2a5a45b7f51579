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
        func `nothing is lost and nothing counts twice whatever dies`(seed: UInt64) async throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let isSending = Atomic<Bool>(true)
            var generator = TelemetryGenerator(seed: seed)
            let killer = Task.detached { try Self.kill(services, seed: seed, while: isSending) }

            var repeated: [[UInt8]] = []
            for number in 0..<Self.calls / Self.callsPerRequest {
                let body = generator.logs(calls: Self.callsPerRequest)
                try services.deliver(body, to: "logs")
                // Clients repeat what they have no answer to, here also what was answered.
                if number % 7 == 0 { repeated.append(body) }
                if number % 11 == 0, let body = repeated.randomElement() { try services.deliver(body, to: "logs") }
                pause(.milliseconds(15))
            }
            isSending.store(false, ordering: .releasing)
            let killed = try await killer.value
            for service in Service.startOrder { try services.waitUntilReady(service) }

            let view = try services.settledLedger(timeout: .seconds(180)) { $0.books == generator.books }
            let differences = view.books.differences(from: generator.books)
            #expect(differences.isEmpty, "\(differences.prefix(5).joined(separator: "\n"))")
            #expect(view.books.total == generator.books.total)
            #expect(view.books.total.calls == Int64(Self.calls))
            #expect(killed >= Self.kills)
            print("killed \(killed) processes during \(Self.calls) calls: books agree")
        }

        /// Kills one service after another at random moments, at least as many as the campaign asks for.
        private static func kill(
            _ services: RunningServices, seed: UInt64, while isSending: borrowing Atomic<Bool>
        ) throws -> Int {
            var random = SeededRandom(seed: seed ^ 0xDEAD)
            var count = 0
            while isSending.load(ordering: .acquiring) || count < kills {
                pause(.milliseconds(.random(in: 20...400, using: &random)))
                guard let victim = Service.allCases.randomElement(using: &random) else { break }
                try services.killAndRestart(victim)
                count += 1
            }
            return count
        }
    }
}
