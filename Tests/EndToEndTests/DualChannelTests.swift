import Support
import Testing

extension EndToEndTests {
    /// The published example of one session whose usage arrives on two channels, its cost on the metric alone.
    @Suite struct DualChannelTests {
        static let session = "dual-channel"
        static let start: Int64 = 1_795_176_000_000_000_000
        static let cost: Int128 = 1_096_000_000_000

        /// Three requests that together are 4,261 / 14,502 / 1,172,980 / 86,426.
        static let requests: [Tally] = [
            tally(input: 4_000, output: 14_000, read: 1_000_000, written: 80_000),
            tally(input: 260, output: 500, read: 172_000, written: 6_000),
            tally(input: 1, output: 2, read: 980, written: 426),
        ]

        private static func tally(input: Int64, output: Int64, read: Int64, written: Int64) -> Tally {
            var tally = Tally()
            tally.uncachedInput = input
            tally.output = output
            tally.cacheRead = read
            tally.cacheWrite = written
            return tally
        }

        private static var total: Tally { requests.reduce(into: Tally()) { $0 += $1 } }

        private static func logs(model: String) -> [[UInt8]] {
            requests.enumerated().map { index, tally in
                ClaudeTelemetry.log(
                    session: session, model: model, request: "req_dual_\(index)",
                    nanoseconds: start + Int64(index + 1) * 1_000_000_000, tally: tally)
            }
        }

        private static func metrics(model: String) -> [UInt8] {
            ClaudeTelemetry.metrics(
                session: session, model: model, start: start, end: start + 5_000_000_000, tally: total, dollars: "1.096"
            )
        }

        /// Tokens as the example gives them, whatever lifetimes are told apart.
        private func isRight(_ view: LedgerView) -> Bool {
            view.books.total.withoutLifetimes == Self.total.withoutLifetimes && view.reportedPicodollars == Self.cost
        }

        private func expectRight(_ view: LedgerView) {
            #expect(view.books.total.withoutLifetimes == Self.total.withoutLifetimes)
            #expect(view.reportedPicodollars == Self.cost)
        }

        @Test(arguments: ["claude-opus-4-6", "claude-opus-4-6[1m]"], [true, false])
        func `usage on two channels counts once, and the cost of one of them once`(
            metricModel: String, isMetricFirst: Bool
        ) throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            if isMetricFirst { try services.deliver(Self.metrics(model: metricModel), to: "metrics") }
            for body in Self.logs(model: "claude-opus-4-6") { try services.deliver(body, to: "logs") }
            if !isMetricFirst { try services.deliver(Self.metrics(model: metricModel), to: "metrics") }
            expectRight(try services.settledLedger(until: isRight))
        }

        @Test func `logs that come long after the metric displace it, for a live subscriber too`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            var subscriber = try FeedSubscriber(to: services.feed)
            try services.deliver(Self.metrics(model: "claude-opus-4-6[1m]"), to: "metrics")
            let early = try services.ledger(until: isRight)
            expectRight(early)
            #expect(early.books.total.calls == 0, "the metric alone tells of no single call")

            for body in Self.logs(model: "claude-opus-4-6") { try services.deliver(body, to: "logs") }
            let late = try services.ledger { isRight($0) && $0.books.total.calls == 3 }
            expectRight(late)
            #expect(late.books.total.calls == 3)

            try subscriber.follow(until: late.sequence)
            #expect(subscriber.view.books == late.books)
            expectRight(subscriber.view)
        }
    }
}
