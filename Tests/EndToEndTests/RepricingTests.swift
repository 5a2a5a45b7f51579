import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Contracts, hot reload, repricing and what-if against the real services.
    @Suite struct RepricingTests {
        private static func contract(output: String) -> String {
            """
            {"format":1,"provider":"anthropic","version":"contract","unit":"USD per million tokens",
            "inherit":{"cache_write_5m":"uncached_input","cache_write_1h":"uncached_input",
            "cache_write":"uncached_input"},"rows":[{"model":"claude-opus-5-5","source":"contract",
            "rates":{"uncached_input":"1","cache_read":"0.1","output":"\(output)"}}]}
            """
        }

        private struct Comparison: Decodable {
            let totals: Figures

            struct Figures: Decodable {
                let charges: Int64
                let changed: Int64?
                let before_usd: String?
                let after_usd: String?
                let computed_usd: String?
                let what_if_usd: String?
            }
        }

        private static func figures(_ run: Command) throws -> Comparison.Figures {
            try #require(run.status == 0, "\(run.errors)")
            return try JSONDecoder().decode(Comparison.self, from: Data(run.output.utf8)).totals
        }

        private static func cost(_ books: Books) -> Int128 {
            books.accounts.values.reduce(0) { $0 + $1.picodollars }
        }

        @Test func `history moves only when it is told to, once, and what follows is priced from the new book`() throws
        {
            let services = try RunningServices()
            defer { services.shutDown() }
            let data = services.deployment.data
            let capture = try ClaudeCapture.recorded()
            let imported = try Command.tollbook([
                "import", capture.transcriptsFolder, "--ingest", services.ingest.description,
            ])
            #expect(imported.status == 0, "\(imported.errors)")
            let before = try services.settledLedger { $0.books == capture.truth }
            #expect(before.books == capture.truth)

            // A slip first: the book in force stays, and says so.
            let overrides = URL(filePath: data + "/pricing/prices.d")
            try FileManager.default.createDirectory(at: overrides, withIntermediateDirectories: true)
            let file = overrides.appending(path: "contract.json")
            try Self.put(Self.contract(output: "2,0"), at: file, by: data + "/contract.new")
            let check = try Command.tollbook(["prices", "check", file.path, "--data", data])
            #expect(check.status != 0)
            #expect(check.errors.contains("contract.json:4"))
            let metric = "tollbook_pricing_price_book_reload"
            try Self.wait { try services.metric(metric + "_failures_total", of: .pricing) == 1 }
            try Self.put(Self.contract(output: "2"), at: file, by: data + "/contract.new")
            #expect(try Command.tollbook(["prices", "check", file.path, "--data", data]).status == 0)
            try Self.wait { try services.metric(metric + "s_total", of: .pricing) == 1 }

            // New prices change nothing that was charged.
            let untouched = try services.settledLedger { $0.books == capture.truth }
            #expect(untouched.books == capture.truth)

            let server = services.query.description
            let ports = services.deployment.ports
            // The day of the recorded sessions; fences are of the day before.
            let job = [
                "reprice", "--since", "2026-11-21", "--until", "2026-11-21", "--json", "--server", server, "--data",
                data,
                "--charges", "tcp://127.0.0.1:\(ports[.charges])", "--charge-watermarks",
                "tcp://127.0.0.1:\(ports[.chargeWatermarks])",
            ]
            let dry = try Self.figures(Command.tollbook(job + ["--dry-run"]))
            #expect(try #require(dry.changed) > 0)
            #expect(dry.before_usd != dry.after_usd)
            #expect(try services.ledger { _ in true }.books == capture.truth)

            let done = try Self.figures(Command.tollbook(job))
            #expect(done.changed == dry.changed)
            #expect(done.after_usd == dry.after_usd)
            let wanted = try #require(done.changed)
            let repriced = try services.ledger { view in
                view.calls.count { $0.call.reason == .reprice } >= wanted
            }
            #expect(Self.cost(repriced.books) != Self.cost(capture.truth))
            let changed = repriced.calls.filter { $0.call.reason == .reprice }
            #expect(Int64(changed.count) == done.changed)
            #expect(
                changed.allSatisfy { $0.rating.repricing == 1 && $0.rating.row?.hasSuffix("claude-opus-5-5") == true })
            #expect(try Self.figures(Command.tollbook(job)).changed == 0)

            let whatIf = try Command.tollbook([
                "what-if", "--model", "claude-haiku-4-5", "--since", "2026-11-21", "--until", "2026-11-21", "--json",
                "--server", server,
                "--data",
                data,
            ])
            let other = try Self.figures(whatIf)
            #expect(whatIf.output.contains("same tokens"))
            #expect(other.computed_usd == done.after_usd)
            #expect(other.what_if_usd != other.computed_usd)

            // A service that starts anew still stands by the repricing.
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)
            let after = try services.settledLedger { $0.books == repriced.books }
            #expect(after.books == repriced.books)
        }

        /// Puts a file in its place at once: one that is seen half written is a failure of its own.
        private static func put(_ text: String, at file: URL, by other: String) throws {
            try Data(text.utf8).write(to: URL(filePath: other))
            try #require(rename(other, file.path) == 0)
        }

        private static func wait(until isMet: () throws -> Bool) throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while try !isMet() {
                try #require(ContinuousClock.now < deadline, "not met in time")
                pause(.milliseconds(50))
            }
        }
    }
}
