import Support
import Testing

extension EndToEndTests {
    /// What a real agent sent on three channels, replayed: every way of sending it must come out as what was served.
    @Suite struct CaptureReplayTests {
        let capture: ClaudeCapture

        init() throws {
            capture = try ClaudeCapture.recorded()
        }

        /// One request to ingest.
        struct Delivery: Sendable {
            let target: String
            let type: String
            let body: [UInt8]
        }

        private var logs: [Delivery] {
            capture.logs.map { Delivery(target: "logs", type: "application/json", body: $0) }
        }
        private var metrics: [Delivery] {
            capture.metrics.map { Delivery(target: "metrics", type: "application/json", body: $0) }
        }
        private var transcripts: [Delivery] {
            capture.transcripts.map {
                Delivery(target: "transcripts/claude-code", type: "application/x-ndjson", body: $0)
            }
        }

        private func replay(_ deliveries: [Delivery]) throws -> LedgerView {
            let services = try RunningServices()
            defer { services.shutDown() }
            for delivery in deliveries {
                try services.deliver(delivery.body, to: delivery.target, type: delivery.type)
            }
            return try services.settledLedger { $0.books == capture.truth }
        }

        private func expectTruth(_ view: LedgerView) {
            let differences = view.books.differences(from: capture.truth)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            #expect(view.books.total == capture.truth.total)
        }

        @Test func `the capture has thirty requests with usage`() {
            #expect(capture.truth.total.calls == 30)
        }

        @Test func `logs alone give the truth, and the agent's own cost agrees with ours`() throws {
            let view = try replay(logs)
            expectTruth(view)
            #expect(view.reportedPicodollars == capture.truth.total.picodollars)
        }

        @Test func `transcripts alone give the truth`() throws {
            expectTruth(try replay(transcripts))
        }

        @Test func `metrics alone give the truth, with the cache writes they do not split`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            for delivery in metrics { try services.deliver(delivery.body, to: delivery.target) }
            let truth = capture.truth.mapped(\.withoutLifetimes)
            let view = try services.settledLedger { $0.books.mapped(\.withoutLifetimes) == truth }
            let differences = view.books.mapped(\.withoutLifetimes).differences(from: truth)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            #expect(view.books.total.cacheWrite == truth.total.cacheWrite)
            #expect(view.books.total.cacheWrite5m == 0)
            #expect(view.reportedPicodollars == capture.truth.total.picodollars)
        }

        @Test func `all channels together give the truth once`() throws {
            let view = try replay(logs + metrics + transcripts)
            expectTruth(view)
            #expect(view.reportedPicodollars == capture.truth.total.picodollars)
        }

        @Test func `everything three times over gives the truth once`() throws {
            let all = logs + metrics + transcripts
            expectTruth(try replay(all + all.reversed() + all))
        }

        @Test(arguments: 1...5) func `any order gives the truth`(seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            expectTruth(try replay((logs + metrics + transcripts).shuffled(using: &random)))
        }
    }
}
