import Foundation
import Glibc
import LocalHTTP
import Supervision
import Support
import Synchronization
import Testing

extension EndToEndTests {
    /// The command against the real services.
    @Suite struct CommandLineTests {
        @Test func `output that cannot be written is a failure`() throws {
            let program = RunningServices.productsFolder + "/tollbook"
            let full = try Command("/bin/sh", ["-c", "exec '\(program)' prices claude-opus-4-6 > /dev/full"])
            #expect(full.status == 1 && full.errors.contains("No space left"), "\(full.status) \(full.errors)")
            let cut = try Command("/bin/sh", ["-c", "'\(program)' prices | head -1"])
            #expect(cut.status == 0 && cut.errors.isEmpty, "\(cut.errors)")
        }

        @Test func `an import outlasts an ingest that is killed under it`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            let calls = 5_000
            let lines = (0..<calls).map { number in
                """
                {"type":"assistant","sessionId":"s","uuid":"u\(number)","timestamp":"2026-11-20T12:00:00Z",\
                "requestId":"req_\(number)","message":{"id":"msg_\(number)","model":"claude-opus-4-6",\
                "usage":{"input_tokens":3,"output_tokens":4}}}
                """
            }
            let file = folder.path + "/session.jsonl"
            try Data(lines.joined(separator: "\n").utf8 + [0x0A]).write(to: URL(filePath: file))
            // Stopped in its first request, and then killed: the command sees the connection break.
            try services.signal(SIGSTOP, to: .ingest)
            let done = Mutex<Command?>(nil)
            Thread.detachNewThread {
                let run = try? Command.tollbook([
                    "import", file, "--harness", "claude-code", "--ingest", services.ingest.description,
                ])
                done.withLock { $0 = run }
            }
            for _ in 0..<2400 where !Self.hasUnreadBytes(port: services.ingest.port) { pause(.milliseconds(50)) }
            try services.killAndRestart(.ingest)
            for _ in 0..<3000 where done.withLock({ $0 == nil }) { pause(.milliseconds(100)) }
            let run = try #require(done.withLock { $0 })
            #expect(run.status == 0, "\(run.errors)")
            let view = try services.settledLedger { $0.books.total.output == Int64(4 * calls) }
            #expect(view.books.total.output == Int64(4 * calls))
        }

        /// Whether a client has sent something to a port that its server has not read.
        private static func hasUnreadBytes(port: Int) -> Bool {
            let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
            return table.split(separator: "\n").dropFirst().contains { line in
                let fields = line.split(separator: " ")
                let isEstablished = fields.count > 4 && fields[3] == "01"
                return isEstablished && fields[1].hasSuffix(":" + String(format: "%04X", port))
                    && !fields[4].hasSuffix(":00000000")
            }
        }

        @Test func `import counts history once, and reports agree with the ledger`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let capture = try ClaudeCapture.recorded()
            let arguments = ["import", capture.transcriptsFolder, "--ingest", services.ingest.description]
            let first = try Command.tollbook(arguments)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.errors.contains("100%"))
            let view = try services.settledLedger { $0.books == capture.truth }
            #expect(view.books == capture.truth)

            let again = try Command.tollbook(arguments)
            #expect(again.status == 0, "\(again.errors)")
            let unchanged = try services.settledLedger { $0.books == capture.truth }
            #expect(unchanged.books == capture.truth)

            let daily = try Command.tollbook(["daily", "--json", "--server", services.query.description])
            #expect(daily.status == 0, "\(daily.errors)")
            let report = try JSONDecoder().decode(CCUsageReport.self, from: Data(daily.output.utf8))
            let truth = capture.truth.total
            let captured = report.daily.filter { $0.date == "2026-11-21" }
            #expect(captured.count == 1)
            #expect(captured.first?.inputTokens == truth.uncachedInput)
            #expect(captured.first?.outputTokens == truth.output)
            #expect(captured.first?.cacheCreationTokens == truth.cacheWrite5m + truth.cacheWrite1h)
            #expect(captured.first?.cacheReadTokens == truth.cacheRead)
            #expect(captured.first?.totalCost == Decimal(string: "\(truth.picodollars)")! / 1_000_000_000_000)
            #expect(report.totals.totalTokens == report.daily.reduce(0) { $0 + $1.totalTokens })

            let table = try Command.tollbook(["session", "--server", services.query.description])
            #expect(table.status == 0, "\(table.errors)")
            for session in Set(capture.truth.accounts.keys.map(\.session)) { #expect(table.output.contains(session)) }

            let explained = try Command.tollbook([
                "explain", "req_fake000000000000000001", "--server", services.query.description,
            ])
            #expect(explained.status == 0, "\(explained.errors)")
            #expect(explained.output.contains("claude-opus-5-5"))
            #expect(explained.output.contains("transcript"))
            let unknown = try Command.tollbook(["explain", "req_nobody", "--server", services.query.description])
            #expect(unknown.status != 0)
        }

        @Test func `a server that is not there is said plainly`() throws {
            let port = FreePorts.take(1)[0]
            let run = try Command.tollbook(["daily", "--server", "127.0.0.1:\(port)"])
            #expect(run.status != 0)
            #expect(run.errors.contains("127.0.0.1:\(port)"))
            #expect(run.errors.contains("tollbook up"))
        }

        @Test func `services end with a supervisor that is killed, so that the next one finds its ports free`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let ports = Ports.free()
            let flags =
                Port.allCases.flatMap { [$0.flag, "\(ports[$0])"] } + ["--data", folder.path + "/data", "--no-watch"]
            let log = open(folder.path + "/up.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(log) }
            let program = RunningServices.productsFolder + "/tollbook"
            let up = try ChildProcess(starting: program, arguments: ["up"] + flags, output: log)
            defer { up.send(SIGKILL) }
            let probe = ReadinessProbe(port: ports[.query])
            for _ in 0..<1200 where !probe.isReady { pause(.milliseconds(100)) }
            #expect(probe.isReady)
            up.send(SIGKILL)
            _ = up.waitForExit()
            func areFree() -> Bool { Port.allCases.allSatisfy { PortProbe.isFree(ports[$0]) } }
            for _ in 0..<1200 where !areFree() { pause(.milliseconds(100)) }
            #expect(areFree())
        }

        @Test func `help is of everything or of the command that is asked, and the version is told by either flag`()
            throws
        {
            let help = try Command.tollbook(["--help"])
            for name in ["daily (default)", "statusline", "reprice", "claude"] { #expect(help.output.contains(name)) }
            #expect(try Command.tollbook(["blocks", "--help"]).output.contains("USAGE: tollbook blocks"))
            #expect(
                try Command.tollbook(["codex", "weekly", "--help"]).output.contains("USAGE: tollbook codex weekly"))
            #expect(try Command.tollbook(["help", "codex", "weekly"]).output.contains("USAGE: tollbook codex weekly"))
            #expect(try Command.tollbook(["nothing"]).status == 64)
            #expect(try Command.tollbook(["blocks", "--live"]).errors.contains("tollbook live"))
            let version = try Command.tollbook(["-v"])
            #expect(version.status == 0)
            #expect(version.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
            for service in Service.allCases {
                let program = RunningServices.productsFolder + "/tollbook-" + service.rawValue
                #expect(try Command(program, ["--version"]).output == version.output)
            }
        }

        @Test func `up starts everything, heals what dies, says which port is taken, and stops cleanly`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let ports = Ports.free()
            let flags =
                Port.allCases.flatMap { [$0.flag, "\(ports[$0])"] } + ["--data", folder.path + "/data", "--no-watch"]
            let log = folder.path + "/up.log"
            try Data().write(to: URL(filePath: log))
            let output = open(log, O_WRONLY | O_APPEND | O_CLOEXEC)
            defer { close(output) }
            let program = RunningServices.productsFolder + "/tollbook"
            let up = try ChildProcess(starting: program, arguments: ["up"] + flags, output: output)
            defer { up.send(SIGKILL) }
            func text() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
            func waitFor(_ words: String) {
                for _ in 0..<1200 where !text().contains(words) { pause(.milliseconds(100)) }
            }
            // It comes after all else that is looked for.
            let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:\(ports[.ingest])"
            waitFor(endpoint)
            #expect(text().contains("Tollbook is running"))
            #expect(text().contains("http://127.0.0.1:\(ports[.query])"), "\(text())")
            #expect(text().contains(endpoint))

            let second = try Command.tollbook(["up"] + flags)
            #expect(second.status != 0)
            #expect(second.errors.contains("port \(ports[.ingest]) is taken"))
            #expect(second.errors.contains("--ingest-port"))

            let pricing = try #require(PortProbe.owner(of: ports[.pricingAdmin]))
            #expect(pricing.name == "tollbook-pricing")
            kill(pid_t(pricing.pid), SIGKILL)
            waitFor("pricing ended unexpectedly")
            for _ in 0..<1200 where !ReadinessProbe(port: ports[.pricingAdmin]).isReady { pause(.milliseconds(100)) }
            #expect(ReadinessProbe(port: ports[.pricingAdmin]).isReady)

            up.send(SIGINT)
            #expect(up.waitForExit(timeout: .seconds(180)) == .status(0), "\(text())")
            for port in Port.allCases { #expect(PortProbe.isFree(ports[port]), "\(port)") }
        }
    }
}

/// What a script reads of ccusage's daily JSON.
private struct CCUsageReport: Decodable {
    let daily: [Row]
    let totals: Totals

    struct Row: Decodable {
        let date: String
        let period: String
        let inputTokens: Int64
        let outputTokens: Int64
        let cacheCreationTokens: Int64
        let cacheReadTokens: Int64
        let totalTokens: Int64
        let totalCost: Decimal
    }

    struct Totals: Decodable {
        let totalTokens: Int64
        let totalCost: Decimal
    }
}
