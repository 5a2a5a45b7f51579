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
            let plain = try capture(Self.command("first", then: "exit 3"))
            #expect(plain.status == 3)
            #expect(plain.output.contains(Self.canary) && plain.output.hasSuffix("}\n"))
            #expect(plain.errors == "oops\n")
            #expect(try capture(Self.command("killed", then: "kill -9 $$")).status == 128 + 9)
            #expect(try capture(["--", "/nowhere/claude"]).status == 127)
            let other = try capture(["--", "/bin/echo", "hello"])
            #expect(other.output == "hello\n" && other.status == 0 && other.errors.contains("--harness"))

            try services.stop(.ingest)
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
            let last = try capture(Self.command("last"))
            #expect(last.status == 0)
            #expect(last.errors.contains("\(spool)9999999999999999999.refused"), "\(last.errors)")
            #expect(!home.files().contains { $0.name.hasSuffix(".ndjson") })
            for name in ["0.ndjson", "1.ndjson"] { try spoil(name) }
            let imported = try Command.tollbook(
                ["import", try ClaudeCapture.recorded().transcriptsFolder, "--ingest", services.ingest.description],
                environment: ["TOLLBOOK_DATA": home.path])
            #expect(imported.status == 1 && imported.errors.contains("1.refused"), "\(imported.errors)")
            #expect(home.files().count { $0.name.hasSuffix(".refused") } == 3)

            let sessions = ["first", "killed", "away", "last"]
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
            for (session, figures) in outputs {
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
                #expect(run.status == 0 && run.output == text, "\(session): \(run.errors)")
                #expect(run.errors.contains("not_a_number (1), wrong_type (1)") == (session == "not-a-number"))
                #expect(!run.errors.contains(Self.canary))
            }
            let view = try services.settledLedger { view in outputs.allSatisfy { view.hasSession($0.0) } }
            for (session, output) in [("piped", Int64(7)), ("not-a-number", 0), ("failed", 7)] {
                let charges = view.calls.filter { $0.call.scope.session == session }
                #expect(charges.reduce(0) { $0 + ($1.call.tokens.uncachedInput ?? 0) } == 5, "\(session)")
                #expect(charges.reduce(0) { $0 + ($1.call.tokens.output ?? 0) } == output, "\(session)")
                let costs = charges.compactMap { $0.call.reportedCost?.description }
                #expect(costs == (session == "not-a-number" ? [] : ["0.25"]), "\(session)")
            }
            #expect(services.files.allSatisfy { $0.bytes.range(of: Data(Self.canary.utf8)) == nil })
        }

        @Test func `signals reach the command`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let script =
                "trap 'echo told > \(folder.path)/told; exit 7' TERM; touch \(folder.path)/ready; sleep 30 & wait"
            let port = FreePorts.take(1)[0]
            let child = try ChildProcess(
                starting: RunningServices.productsFolder + "/tollbook",
                arguments: [
                    "capture", "--quiet", "--ingest", "127.0.0.1:\(port)", "--data", folder.path, "--harness",
                    "claude-code", "--", "/bin/sh", "-c", script,
                ])
            for _ in 0..<500 where !FileManager.default.fileExists(atPath: folder.path + "/ready") {
                pause(.milliseconds(20))
            }
            child.send(SIGTERM)
            #expect(child.waitForExit(timeout: .seconds(20)) == .status(7))
            #expect(FileManager.default.fileExists(atPath: folder.path + "/told"))
        }

        @Test func `doctor sees a canary come out priced, which counts in no total`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let home = try TestFolder()
            defer { home.remove() }
            let arguments = ["doctor", "--ingest", services.ingest.description, "--server", services.query.description]
            let environment = ["HOME": home.path, "PATH": "/nowhere", "CLAUDE_CONFIG_DIR": home.path + "/.claude"]
            let well = try Command.tollbook(arguments, environment: environment)
            #expect(well.status == 0, "\(well.output)\(well.errors)")
            #expect(well.output.contains("came out priced"))

            try FileManager.default.createDirectory(
                atPath: home.path + "/.claude/projects", withIntermediateDirectories: true)
            let silent = try Command.tollbook(arguments + ["--json"], environment: environment)
            #expect(silent.status == 2, "an agent is there and does not report")
            #expect(silent.output.contains("\"is_canary_priced\": true"))
            let settings = """
                {"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"1","OTEL_LOGS_EXPORTER":"otlp","OTEL_EXPORTER_OTLP_PROTOCOL":\
                "http/json","OTEL_EXPORTER_OTLP_ENDPOINT":"http://localhost:\(services.ingest.port)"}}
                """
            try Data(settings.utf8).write(to: URL(filePath: home.path + "/.claude/settings.json"))
            let reporting = try Command.tollbook(arguments, environment: environment)
            #expect(reporting.status == 0, "\(reporting.output)")
            #expect(reporting.output.contains("telemetry, log: on"))
            #expect(reporting.output.contains("OTEL_METRICS_EXPORTER is not set"))

            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let usage = try connection.send(.get("/v1/usage?group_by=harness"))
            #expect(usage.isSuccess)
            #expect(usage.text.contains("\"total_tokens\":0"), "\(usage.text)")

            try services.stop(.pricing)
            let stuck = try Command.tollbook(arguments + ["--seconds", "1"], environment: environment)
            #expect(stuck.status == 1)
            #expect(stuck.output.contains("did not come out in time"))
        }
    }
}
