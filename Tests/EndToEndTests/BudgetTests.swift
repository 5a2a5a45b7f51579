import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Budgets of every kind, told to a real receiver that is away, fails, hangs and works at last.
    @Suite struct BudgetTests {
        private static let budgets = """
            {"budgets": [
              {"name": "by-day", "limit_usd": "2.5", "period": "day", "per": "model"},
              {"name": "by-month", "limit_usd": "3", "period": "month", "per": "team", "timezone": "Asia/Kathmandu"},
              {"name": "by-project", "limit_usd": "100", "period": "month", "match": {"project": ["web"]}},
              {"name": "by-session", "limit_usd": "1", "per": "session"},
              {"name": "by-user", "limit_tokens": 2500, "period": "week", "per": "user", "week_start": "sunday"},
              {"name": "ever", "limit_usd": "3", "period": "all", "warning_percent": 50}
            ]}
            """

        /// Noon of a Wednesday in the middle of a month, so that no period ends while the test runs.
        private static let noon: Int64 = 1_795_003_200

        private static func charge(_ number: Int64, session: String, user: String) throws -> Charge {
            var call = Call(
                number: number, key: CallKey(space: "test", kind: .request, value: "\(number)"), revision: 1,
                reason: .first,
                scope: Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: session),
                eventTime: Timestamp(seconds: noon),
                tokens: TokenCounts(uncachedInput: 900, output: 100), quality: .exact)
            call.model = "claude-opus-4-6"
            call.attribution.user = user
            call.attribution.team = "platform"
            call.attribution.project = "web"
            return Charge(call: call, rating: Rating(status: .priced, cost: Amount(dollars: "1")))
        }

        @Test func `each crossing reaches the receiver once, whatever it does and whatever dies`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let (file, log) = (folder.path + "/budgets.json", folder.path + "/webhook.log")
            try Data(Self.budgets.utf8).write(to: URL(filePath: file))
            let port = FreePorts.take(1)[0]
            let host = try HostFaults(path: folder.path + "/query.faults")
            host.setClockOffset(.seconds(Self.noon - Int64(Date().timeIntervalSince1970)))
            let services = try RunningServices(
                extraArguments: [.query: ["--budgets", file, "--webhook", "http://127.0.0.1:\(port)/hook"]],
                hosts: [.query: host], services: [.query])
            defer { services.shutDown() }
            func check() throws -> Int32 {
                try Command.tollbook(["budget", "check", "--server", services.query.description]).status
            }
            #expect(try check() == 0)

            // Nobody listens; the service dies between the crossings and their delivery.
            let first = try [
                Self.charge(1, session: "s1", user: "ann"), Self.charge(2, session: "s1", user: "bob"),
                Self.charge(3, session: "s2", user: "ann"),
            ]
            let stream = "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1d01"
            try services.store(first, stream: stream)
            #expect(try check() == 1)
            Self.waitUntil { services.log(of: .query, lines: 1000).matches(of: /crossed a line/).count == 6 }
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)

            // The first words it takes fail, then one hangs.
            let receiver = try ChildProcess(
                starting: EndToEndTests.python,
                arguments: [
                    "-B", try EndToEndTests.script("webhook.py"), "\(port)", log, "500", "429", "hang",
                ])
            defer { receiver.send(SIGKILL) }
            let crossed = [
                "by-day for model claude-opus-4-6 is exceeded: $3.00 of $2.50 used (120 %)",
                "by-month for team platform is nearly used up: $3.00 of $3.00 used (100 %)",
                "by-session for session s1 is exceeded: $2.00 of $1.00 used (200 %)",
                "by-session for session s2 is nearly used up: $1.00 of $1.00 used (100 %)",
                "by-user for user ann is nearly used up: 2000 of 2500 tokens used (80 %)",
                "ever is nearly used up: $3.00 of $3.00 used (100 %)",
            ]
            Self.waitUntil { Self.taken(log).count == crossed.count }
            #expect(Self.stripped(Self.taken(log)) == crossed)
            try Self.waitUntilNoted(services)

            // More of the same tells nothing; another line that is crossed tells itself, and so does nobody twice.
            try services.store([Self.charge(4, session: "s1", user: "bob")], stream: stream, from: 4)
            let after =
                crossed + [
                    "by-month for team platform is exceeded: $4.00 of $3.00 used (133 %)",
                    "by-user for user bob is nearly used up: 2000 of 2500 tokens used (80 %)",
                    "ever is exceeded: $4.00 of $3.00 used (133 %)",
                ]
            Self.waitUntil { Self.taken(log).count == after.count }
            try Self.waitUntilNoted(services)
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)
            pause(.seconds(2))
            #expect(Self.stripped(Self.taken(log)) == after.sorted())
            // Two were refused, and what had no answer in time was sent again: the one that hung, and, where the machine was
            // too busy to answer within ten seconds, more.
            let unanswered = services.log(of: .query, lines: 10_000).matches(of: /no answer \(/).count
            #expect(Self.lines(log).count >= after.count + 3)
            #expect(Self.lines(log).count <= after.count + 2 + max(1, unanswered))
        }

        /// Waits until the service has noted that every message was taken: one that dies before would send it again.
        private static func waitUntilNoted(_ services: RunningServices) throws {
            let count = """
                import sqlite3, sys
                ledger = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True, timeout=60)
                sys.exit(ledger.execute("SELECT count(*) FROM notice").fetchone()[0])
                """
            let store = services.deployment.data + "/query/budgets.sqlite"
            var left = Int32(1)
            for _ in 0..<600 where left != 0 {
                left = try Command(EndToEndTests.python, ["-c", count, store]).status
                pause(.milliseconds(50))
            }
            #expect(left == 0, "messages are still to be sent")
        }

        private static func waitUntil(_ isDone: () -> Bool) {
            for _ in 0..<6000 where !isDone() { pause(.milliseconds(50)) }
        }

        private static func lines(_ log: String) -> [(answer: String, text: String)] {
            struct Line: Decodable {
                let answer: String
                let body: [String: String]
            }
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { line in
                let read = try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
                return read.map { ($0.answer, $0.body["text"] ?? "") }
            }
        }

        /// The messages that the receiver said it took, each once.
        private static func taken(_ log: String) -> [String] {
            Array(Set(lines(log).filter { $0.answer == "200" }.map(\.text)))
        }

        /// In order, without the words that are the same in all and without periods.
        private static func stripped(_ texts: [String]) -> [String] {
            texts.map { text in
                text.replacing("Tollbook budget ", with: "")
                    .replacing(/\ in the (day|week|month) from [^\n]+/, with: "")
            }.sorted()
        }
    }
}
