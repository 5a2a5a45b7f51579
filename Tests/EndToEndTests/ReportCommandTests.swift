import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// The reports of the real command over the real query service, on a ledger that is known to the last token.
    @Suite struct ReportCommandTests {
        private static func charge(
            _ number: Int64, _ harness: String, _ session: String, _ model: String, _ time: String,
            _ tokens: TokenCounts, _ dollars: String?, project: String? = nil, user: String? = nil
        ) throws -> Charge {
            var call = Call(
                number: number, key: CallKey(space: "test", kind: .request, value: "\(number)"), revision: 1,
                reason: .first,
                scope: Scope(tenant: "default", harness: Harness(rawValue: harness), session: session),
                eventTime: try #require(Timestamp(rfc3339: time)), tokens: tokens, quality: .exact)
            call.model = model
            call.attribution.project = project
            call.attribution.user = user
            let cost = dollars.flatMap { Amount(dollars: $0) }
            return Charge(call: call, rating: Rating(status: cost == nil ? .unpriced : .priced, cost: cost))
        }

        /// Around the night in which Berlin's clocks go forward, over midnight, on a leap day, of three agents, one model
        /// without a price.
        private static func ledger() throws -> [Charge] {
            let claude = "claude-opus-4-6"
            func tokens(_ input: Int64, _ output: Int64, _ read: Int64 = 0, _ write: Int64 = 0) -> TokenCounts {
                TokenCounts(uncachedInput: input, cacheRead: read, cacheWrite5m: write, output: output)
            }
            var reasoning = tokens(700, 90, 5000)
            reasoning.reasoning = 60
            return [
                try charge(
                    1, "claude-code", "s-leap", claude, "2028-02-29T12:00:00Z", tokens(10, 2), "0.01",
                    project: "/src/web"),
                try charge(
                    2, "claude-code", "s-night", claude, "2026-03-28T22:59:59.999Z", tokens(100, 20, 1000, 30), "0.5",
                    project: "/src/web", user: "ann"),
                try charge(
                    3, "claude-code", "s-night", "claude-sonnet-4-5-20250929", "2026-03-28T23:30:00Z", tokens(1, 2),
                    "0.25", project: "/src/web", user: "ann"),
                try charge(
                    4, "claude-code", "s-night", claude, "2026-03-29T21:59:59Z", tokens(3, 4), "0.125",
                    project: "/src/api", user: "bob"),
                try charge(
                    5, "codex", "c-1", "gpt-5.2-codex", "2026-03-29T22:00:00Z", reasoning, "1", project: "/src/api"),
                try charge(
                    6, "codex", "c-1", "gpt-unheard-of", "2026-03-29T22:10:00Z", tokens(70, 7), nil, project: "/src/api"
                ),
                try charge(7, "opencode", "o-1", claude, "2026-03-30T10:00:00Z", tokens(5, 6, 7, 8), "0.0625"),
            ]
        }

        private static let commands: [(golden: String, arguments: String)] = [
            ("daily.json", "daily --json"), ("daily.txt", "daily"),
            ("daily-berlin.json", "daily --json -z Europe/Berlin"),
            ("daily-range.json", "daily --json -z Europe/Berlin --since 20260329 --until 2026-03-29"),
            ("weekly.json", "weekly --json"), ("weekly-monday.txt", "weekly --start-of-week monday --breakdown"),
            ("monthly.json", "monthly --json --order desc"), ("session.json", "session --json"),
            ("claude-daily.json", "claude daily --json"), ("claude-instances.json", "claude daily --json --instances"),
            ("claude-project.json", "claude daily --json --project /src/api"),
            ("claude-session.json", "claude session --json"),
            ("session-id.json", "session --id s-night --json"), ("session-none.json", "session --id nobody --json"),
            ("codex-daily.json", "codex daily --json --mode calculate"), ("codex-session.json", "codex session --json"),
            ("opencode-daily.json", "opencode --json"), ("no-cost.json", "daily --json --no-cost"),
            ("jq.txt", "daily --jq .totals.totalTokens"), ("blocks.json", "blocks --json"),
            ("blocks-claude.txt", "claude blocks -z Europe/Berlin --token-limit max"),
            ("blocks-short.json", "blocks --json -n 2.5 --since 20260330 -z UTC"),
            ("compact.txt", "daily --compact --no-color"),
        ]

        @Test func `every family of JSON and every table is what scripts and people expect`() throws {
            let services = try RunningServices(services: [.query])
            defer { services.shutDown() }
            try services.store(try Self.ledger(), stream: "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1a01")
            let server = ["--server", services.query.description]
            for (golden, arguments) in Self.commands {
                let run = try Command.tollbook(arguments.split(separator: " ").map { String($0) } + server)
                #expect(run.status == 0, "\(arguments): \(run.errors)")
                try Self.expect(run.output, is: golden, arguments)
            }
            try Self.checkScripts(server)
            try Self.checkConfiguration(server)
            try Self.checkColours(server)
        }

        /// Scripts that were written for ccusage, in Python and for jq, unchanged but for the command's name.
        private static func checkScripts(_ server: [String]) throws {
            let report = try Command.tollbook(["daily", "--json"] + server)
            #expect(report.errors.contains("WARN Missing pricing for gpt-unheard-of; cost excludes this model"))
            let folder = try TestFolder()
            defer { folder.remove() }
            try Data(report.output.utf8).write(to: URL(filePath: folder.path + "/daily.json"))
            let script = try #require(Bundle.module.resourceURL).appending(path: "Reports/ccusage_reader.py").path
            let read = try Command(EndToEndTests.python, [script, folder.path + "/daily.json"])
            #expect(read.status == 0, "\(read.errors)")
            #expect(read.output == "2028-02-29\n4 days, 7,065 tokens, $1.95\n")
        }

        /// A file in ccusage's form, named and found; what is typed wins.
        private static func checkConfiguration(_ server: [String]) throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            try FileManager.default.createDirectory(
                atPath: folder.path + "/.claude", withIntermediateDirectories: true)
            let file = folder.path + "/.claude/ccusage.json"
            try Data(#"{"defaults":{"json":true,"until":"20270101"},"commands":{"daily":{"order":"desc"}}}"#.utf8)
                .write(to: URL(filePath: file))
            let home = ["HOME": folder.path, "XDG_CONFIG_HOME": folder.path + "/none"]
            let found = try Command.tollbook(["daily"] + server, environment: home)
            let named = try Command.tollbook(["daily", "--config", file] + server)
            #expect(found.output == named.output)
            #expect(found.output.contains("\"period\": \"2026-03-30\"") && !found.output.contains("2028"))
            let typed = try Command.tollbook(["daily", "--until", "20281231"] + server, environment: home)
            #expect(typed.output.contains("2028"))
            #expect(try Command.tollbook(["daily", "--config", folder.path + "/none"] + server).status != 0)
        }

        private static func checkColours(_ server: [String]) throws {
            func daily(_ arguments: [String], _ environment: [String: String]) throws -> String {
                try Command.tollbook(["daily"] + arguments + server, environment: environment).output
            }
            let escape = "\u{1B}["
            #expect(try daily([], ["NO_COLOR": "", "FORCE_COLOR": "1"]).contains(escape))
            #expect(try !daily([], ["NO_COLOR": "1", "FORCE_COLOR": "1"]).contains(escape))
            #expect(try daily(["--color"], ["NO_COLOR": "1"]).contains(escape))
            #expect(try daily([], ["COLUMNS": "99"]).contains("Cache Read") == false)
            #expect(try daily([], ["COLUMNS": "100"]).contains("Cache Read"))
        }

        @Test func `the status line answers fast, and well when nobody is there`() throws {
            let services = try RunningServices(services: [.query])
            defer { services.shutDown() }
            let now = Int64(Date().timeIntervalSince1970)
            let charges = try (0..<6).map { step in
                try Self.charge(
                    Int64(step + 1), "claude-code", step < 3 ? "here" : "there", "claude-opus-4-6",
                    Timestamp(seconds: now - 120 + Int64(step) * 20).description,
                    TokenCounts(uncachedInput: 100, output: 10), "0.5")
            }
            try services.store(charges, stream: "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1a02")
            let hook = #"{"session_id":"here","model":{"display_name":"Opus"},"cost":{"total_cost_usd":1.25}}"#
            func line(_ server: String, _ arguments: String = "") throws -> (
                text: String, status: Int32, time: Duration
            ) {
                // A minute is no measure of speed: it ends what would wait for ever.
                let command =
                    "printf '%s' '\(hook)' | timeout 60 \(RunningServices.productsFolder)/tollbook statusline "
                    + "--server \(server) \(arguments)"
                let start = ContinuousClock.now
                let run = try Command("/bin/sh", ["-c", command], environment: ["NO_COLOR": "1", "TZ": "UTC"])
                return (run.output, run.status, ContinuousClock.now - start)
            }
            let server = services.query.description
            let flags = "--cost-source both -B emoji-text"
            var both = try line(server, flags)
            // On a busy machine an answer may come after the line's own deadline.
            for _ in 0..<200 where !both.text.contains(" tollbook) ") { both = try line(server, flags) }
            #expect(both.status == 0)
            #expect(both.text.hasPrefix("🤖 Opus | 💰 ($1.25 cc / $1.50 tollbook) session / $"))
            #expect(both.text.contains(" block ("))
            #expect(both.text.contains("/hr 🟢 (Normal)"))
            let away = try line("127.0.0.1:\(FreePorts.take(1)[0])")
            #expect(away.status == 0)
            #expect(away.text == "🤖 Opus | 💰 $1.25 session | tollbook is away\n")
            // Takes connections and says nothing.
            let deaf = try LoopbackListener()
            let silence = "127.0.0.1:\(deaf.port)"
            let late = try line(silence)
            #expect(late.status == 0 && late.text == away.text)
            // The control waits until the line's deadline; who has an answer does not. One of some pairs is enough, for the
            // machine may have other work.
            let isSooner = try (0..<40).contains { _ in try line(server).time < line(silence).time }
            #expect(isSooner, "the line waits though everything was answered")
            let wrong = try Command.tollbook(["statusline", "--context-low-threshold", "90"])
            #expect(wrong.status == 64)
        }

        @Test func `budgets answer by exit status`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/budgets.json"
            try Data(#"{"budgets":[{"name":"team","limit_usd":"100","period":"all"}]}"#.utf8).write(
                to: URL(filePath: file))
            let services = try RunningServices(extraArguments: [.query: ["--budgets", file]], services: [.query])
            defer { services.shutDown() }
            try services.store(try Self.ledger(), stream: "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1a03")
            let server = ["--server", services.query.description]
            func budget(_ arguments: String) throws -> Command {
                try Command.tollbook(["budget"] + arguments.split(separator: " ").map { String($0) } + server)
            }
            #expect(try budget("check").status == 0)
            let set = try budget("set small --limit-usd 0.5 --period all --match harness=claude-code --per user")
            #expect(set.status == 0, "\(set.errors)")
            let exceeded = try budget("check")
            #expect(exceeded.status == 1)
            #expect(exceeded.output.contains("ann") && exceeded.output.contains("exceeded"))
            #expect(exceeded.errors.contains("team: 1 calls have no known cost"))
            #expect(try budget("check team").status == 0)
            #expect(try budget("check team --strict").status == 69)
            #expect(try budget("check small --key bob").status == 0)
            #expect(try budget("check nobody").status == 69)
            #expect(try budget("check nobody --fail-open").status == 0)
            #expect(try budget("check --colour").status == 64)
            #expect(try budget("set wrong --limit-usd 1 --limit-tokens 1").status == 64)
            #expect(try budget("set wrong --limit-usd much").status == 1)
            #expect(try budget("remove team").errors.contains("TOLLBOOK_BUDGETS"))
            #expect(try budget("list --json").output.contains(#""name":"small""#))
            #expect(try budget("remove small").status == 0)
            #expect(try budget("check").status == 0)
            let nowhere = ["budget", "check", "--server", "127.0.0.1:\(FreePorts.take(1)[0])"]
            #expect(try Command.tollbook(nowhere).status == 69)
            #expect(try Command.tollbook(nowhere + ["--fail-open"]).status == 0)
        }

        private static func expect(_ output: String, is name: String, _ command: String) throws {
            if let folder = ProcessInfo.processInfo.environment["TOLLBOOK_RECORD_REPORTS"] {
                try Data(output.utf8).write(to: URL(filePath: folder).appending(path: name))
                Issue.record("recorded \(name)")
                return
            }
            let file = try #require(Bundle.module.resourceURL).appending(path: "Reports/\(name)")
            #expect(output == (try String(contentsOf: file, encoding: .utf8)), "\(command)")
        }
    }
}
