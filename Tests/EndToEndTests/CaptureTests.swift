import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Commands that are captured: nothing about them changes, and their usage is counted.
    @Suite struct CaptureTests {
        private static let canary = "CANARY-of-capture-5d2e"

        /// A command that prints what `claude -p --output-format json` prints, and what else it is told.
        private static func command(_ session: String, then script: String = "exit 0") -> [String] {
            let result = """
                {"type":"result","subtype":"success","session_id":"\(session)","uuid":"u-\(session)",\
                "result":"\(canary)","total_cost_usd":0.25,"usage":{"input_tokens":11,"output_tokens":7},\
                "modelUsage":{"claude-opus-4-6":{"inputTokens":11,"outputTokens":7,"costUSD":0.25}}}
                """
            return [
                "--harness", "claude-code", "--", "/bin/sh", "-c", "cat; echo '\(result)'; echo oops >&2; \(script)",
            ]
        }

        @Test func `a command keeps its output, errors and end, and its usage is counted, later where ingest is away`()
            throws
        {
            let services = try RunningServices()
            defer { services.shutDown() }
            let home = try TestFolder()
            defer { home.remove() }
            func capture(_ arguments: [String]) throws -> Command {
                try Command.tollbook(
                    ["capture", "--ingest", services.ingest.description, "--data", home.path] + arguments)
            }
            var sessions: [String] = []
            var said = ""
            // A command waits three seconds for ingest. What a busy machine lets it keep goes with a later one, and counts too.
            func counted(_ session: String, then script: String = "exit 0") throws -> Command {
                for attempt in 0..<20 {
                    sessions.append(attempt == 0 ? session : "\(session)-\(attempt)")
                    let run = try capture(Self.command(sessions[sessions.count - 1], then: script))
                    said += run.errors
                    if !home.files().contains(where: { $0.name.hasSuffix(".ndjson") }) { return run }
                }
                throw SupportFailure("nothing reaches ingest: \(said)")
            }
            let plain = try counted("first", then: "exit 3")
            #expect(plain.status == 3)
            #expect(plain.output.contains(Self.canary) && plain.output.hasSuffix("}\n"))
            #expect(plain.errors == "oops\n")
            #expect(try counted("killed", then: "kill -9 $$").status == 128 + 9)
            #expect(try capture(["--", "/nowhere/claude"]).status == 127)
            let other = try capture(["--", "/bin/echo", "hello"])
            #expect(other.output == "hello\n" && other.status == 0 && other.errors.contains("--harness"))

            try services.stop(.ingest)
            sessions.append("away")
            let away = try capture(Self.command("away"))
            #expect(away.status == 0)
            #expect(away.errors.contains("kept"))
            #expect(home.files().contains { $0.name.hasSuffix(".ndjson") })
            #expect(!home.files().contains { $0.bytes.range(of: Data(Self.canary.utf8)) != nil })
            try services.start(.ingest)
            try services.waitUntilReady(.ingest)
            // One that no ingest takes, and that comes before all others, holds up none of them.
            let spool = "\(home.path)/capture/127.0.0.1-\(services.ingest.port)/"
            func spoil(_ name: String) throws { try Data("no event\n".utf8).write(to: URL(filePath: spool + name)) }
            try spoil("9999999999999999999.ndjson")
            #expect(try counted("last").status == 0)
            #expect(said.contains("\(spool)9999999999999999999.refused"), "\(said)")
            for name in ["0.ndjson", "1.ndjson"] { try spoil(name) }
            let imported = try Command.tollbook(
                ["import", try ClaudeCapture.recorded().transcriptsFolder, "--ingest", services.ingest.description],
                environment: ["TOLLBOOK_DATA": home.path])
            #expect(imported.status == 1 && imported.errors.contains("1.refused"), "\(imported.errors)")
            #expect(home.files().count { $0.name.hasSuffix(".refused") } == 3)

            let view = try services.settledLedger { view in sessions.allSatisfy(view.hasSession) }
            for session in sessions {
                let tallies = view.books.accounts.filter { $0.key.session == session }.map(\.value)
                #expect(tallies.reduce(0) { $0 + $1.uncachedInput } == 11, "\(session)")
                #expect(tallies.reduce(0) { $0 + $1.output } == 7, "\(session)")
            }
            #expect(services.files.allSatisfy { $0.bytes.range(of: Data(Self.canary.utf8)) == nil })
        }

        @Test func `output that is piped in passes through, and numbers that are none are refused`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let home = try TestFolder()
            defer { home.remove() }
            let outputs = [
                ("piped", #""0.25","usage":{"input_tokens":5,"output_tokens":7}"#),
                ("not-a-number", #""NaN","usage":{"input_tokens":5,"output_tokens":true}"#),
                (
                    "failed",
                    #"0.25,"is_error":true,"subtype":"error_max_turns","usage":{"input_tokens":5,"output_tokens":7}"#
                ),
            ]
            func capture(_ session: String, _ figures: String) throws -> (run: Command, text: String) {
                let text = """
                    starting
                    {"type":"result","session_id":"\(session)","uuid":"u-\(session)","result":"\(Self.canary)",\
                    "total_cost_usd":\(figures)}
                    done
                    """
                let file = home.path + "/\(session).out"
                try Data(text.utf8).write(to: URL(filePath: file))
                let program = RunningServices.productsFolder + "/tollbook"
                let flags = "--harness claude-code --ingest \(services.ingest) --data \(home.path)/data"
                let run = try Command("/bin/sh", ["-c", "'\(program)' capture \(flags) < '\(file)'"])
                return (run, text)
            }
            var names: [String] = []
            for (session, figures) in outputs {
                // What a busy machine lets a command keep would go with a later one: it is run again.
                var name = session
                var (run, text) = try capture(name, figures)
                for attempt in 1...20 where run.errors.contains(" is kept in ") {
                    name = "\(session)-\(attempt)"
                    (run, text) = try capture(name, figures)
                }
                names.append(name)
                #expect(run.status == 0 && run.output == text, "\(session): \(run.errors)")
                #expect(run.errors.contains("not_a_number (1), wrong_type (1)") == (session == "not-a-number"))
                #expect(!run.errors.contains(Self.canary))
            }
            let view = try services.settledLedger { view in names.allSatisfy(view.hasSession) }
            for (session, output) in zip(names, [Int64(7), 0, 7]) {
                let charges = view.calls.filter { $0.call.scope.session == session }
                #expect(charges.reduce(0) { $0 + ($1.call.tokens.uncachedInput ?? 0) } == 5, "\(session)")
                #expect(charges.reduce(0) { $0 + ($1.call.tokens.output ?? 0) } == output, "\(session)")
                let costs = charges.compactMap { $0.call.reportedCost?.description }
                #expect(costs == (session.hasPrefix("not-a-number") ? [] : ["0.25"]), "\(session)")
            }
            #expect(services.files.allSatisfy { $0.bytes.range(of: Data(Self.canary.utf8)) == nil })
        }

        @Test func `signals reach the command`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let script =
                "trap 'echo told > \(folder.path)/told; exit 7' TERM; touch \(folder.path)/ready; sleep 120 2>&1 & wait"
            let port = FreePorts.take(1)[0]
            let child = try ChildProcess(
                starting: RunningServices.productsFolder + "/tollbook",
                arguments: [
                    "capture", "--quiet", "--ingest", "127.0.0.1:\(port)", "--data", folder.path, "--harness",
                    "claude-code", "--", "/bin/sh", "-c", script,
                ])
            for _ in 0..<6000 where !FileManager.default.fileExists(atPath: folder.path + "/ready") {
                pause(.milliseconds(20))
            }
            child.send(SIGTERM)
            #expect(child.waitForExit(timeout: .seconds(120)) == .status(7))
            #expect(FileManager.default.fileExists(atPath: folder.path + "/told"))
        }

        @Test func `doctor sees a canary come out priced, which counts in no total`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let home = try TestFolder()
            defer { home.remove() }
            let arguments = ["doctor", "--ingest", services.ingest.description, "--server", services.query.description]
            let environment = ["HOME": home.path, "PATH": "/nowhere", "CLAUDE_CONFIG_DIR": home.path + "/.claude"]
            // It gives a service three seconds to answer: on a busy machine it looks again.
            func doctor(_ more: [String] = [], until isRight: (Command) -> Bool) throws -> Command {
                func look() throws -> Command {
                    try Command.tollbook(arguments + ["--seconds", "120"] + more, environment: environment)
                }
                var run = try look()
                for _ in 0..<20 where !isRight(run) { run = try look() }
                return run
            }
            let well = try doctor { $0.status == 0 }
            #expect(well.status == 0, "\(well.output)\(well.errors)")
            #expect(well.output.contains("came out priced"))

            try FileManager.default.createDirectory(
                atPath: home.path + "/.claude/projects", withIntermediateDirectories: true)
            let silent = try doctor(["--json"]) { $0.status == 2 && $0.output.contains("\"is_canary_priced\": true") }
            #expect(silent.status == 2, "an agent is there and does not report")
            #expect(silent.output.contains("\"is_canary_priced\": true"))
            let settings = """
                {"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"1","OTEL_LOGS_EXPORTER":"otlp","OTEL_EXPORTER_OTLP_PROTOCOL":\
                "http/json","OTEL_EXPORTER_OTLP_ENDPOINT":"http://localhost:\(services.ingest.port)"}}
                """
            try Data(settings.utf8).write(to: URL(filePath: home.path + "/.claude/settings.json"))
            let reporting = try doctor { $0.status == 0 }
            #expect(reporting.status == 0, "\(reporting.output)")
            #expect(reporting.output.contains("telemetry, log: on"))
            #expect(reporting.output.contains("OTEL_METRICS_EXPORTER is not set"))

            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let usage = try connection.send(.get("/v1/usage?group_by=harness"))
            #expect(usage.isSuccess)
            #expect(usage.text.contains("\"total_tokens\":0"), "\(usage.text)")

            try services.stop(.pricing)
            var stuck = try Command.tollbook(arguments + ["--seconds", "1"], environment: environment)
            for _ in 0..<20 where !stuck.output.contains("did not come out in time") {
                stuck = try Command.tollbook(arguments + ["--seconds", "1"], environment: environment)
            }
            #expect(stuck.status == 1)
            #expect(stuck.output.contains("did not come out in time"))
        }
    }
}
