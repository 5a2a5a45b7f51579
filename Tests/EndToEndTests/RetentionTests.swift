import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What commands and the dashboard make of a ledger whose old texts were removed.
    @Suite struct RetentionTests {
        private struct Job: Decodable {
            let left_out: LeftOut?
            let totals: Totals

            struct LeftOut: Decodable {
                let charges: Int64
                let reason: String
            }
        }

        private struct Totals: Decodable { let charges: Int64 }

        private struct Usage: Decodable { let totals: Totals }

        private static func decode<Value: Decodable>(_ run: Command) throws -> Value {
            try #require(run.status == 0, "\(run.errors)")
            return try JSONDecoder().decode(Value.self, from: Data(run.output.utf8))
        }

        @Test func `what is left is shown, and what is left out is told`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            // Everything is recorded ten days ago; then it is today.
            let host = try HostFaults(path: folder.path + "/query.faults")
            host.setClockOffset(.seconds(-10 * 86_400))
            let services = try RunningServices(
                extraArguments: [.query: ["--retention-days", "1"]], hosts: [.query: host])
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 90, sessions: 4)
            try services.deliver(generator.logs(calls: 80), to: "logs")
            let books = generator.books
            let old = try services.settledLedger { $0.books == books }
            #expect(old.books == books)
            host.setClockOffset(.zero)
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)
            try Self.waitForRemoval(services.query)
            let last = try services.lastChange()
            try services.deliver(generator.logs(calls: 5), to: "logs")
            try services.waitForChange(last + 5)

            let server = ["--server", services.query.description]
            try Self.checkJobs(services, server)
            let session = try #require(old.calls.first).call.scope.session
            let listed = try Command.tollbook(["session", "--id", session, "--json"] + server)
            #expect(listed.output.contains("\"removedEntries\": "), "\(listed.output)\(listed.errors)")
            #expect(
                try Command.tollbook(["session", "--id", session] + server).output.contains("more are in the totals"))

            // It asks a service that does not answer within two seconds no longer: on a busy machine it asks again.
            var live = try Command.tollbook(["live", "--once"] + server)
            for _ in 0..<20 where live.status != 0 || !live.errors.isEmpty {
                live = try Command.tollbook(["live", "--once"] + server)
            }
            #expect(live.status == 0 && live.errors.isEmpty, "\(live.errors)")
            try Self.checkDoctor(services, server, home: folder.path)
            let tail = try Command(
                EndToEndTests.python,
                ["-B", try EndToEndTests.script("tail.py", in: "Browser"), services.query.description])
            #expect(tail.status == 0, "\(tail.output)\(tail.errors)")
        }

        /// Fewer changes stay than any of the readers would like to show.
        private static func waitForRemoval(_ query: HTTPAddress) throws {
            var connection = HTTPConnection(to: query, timeout: .seconds(120))
            let deadline = ContinuousClock.now + .seconds(120)
            while try connection.send(.get("/v1/changes?after=0&limit=1")).status != 410 {
                try #require(ContinuousClock.now < deadline, "nothing was removed in time")
                pause(.milliseconds(50))
            }
        }

        private static func checkJobs(_ services: RunningServices, _ server: [String]) throws {
            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let answer = try connection.send(.get("/v1/usage"))
            let standing = try JSONDecoder().decode(Usage.self, from: Data(answer.body)).totals.charges
            let whatIf = ["what-if", "--model", "claude-haiku-4-5"] + server
            for arguments in [whatIf, ["reprice", "--since", "2020-01-01", "--dry-run"] + server] {
                let job: Job = try decode(Command.tollbook(arguments + ["--json"]))
                let leftOut = try #require(job.left_out)
                #expect(leftOut.reason == "retention")
                #expect(leftOut.charges > 70)
                #expect(leftOut.charges + job.totals.charges == standing, "\(arguments[0])")
                let text = try Command.tollbook(arguments)
                #expect(text.output.contains("\(leftOut.charges) charges are left out"), "\(text.output)")
            }
        }

        private static func checkDoctor(_ services: RunningServices, _ server: [String], home: String) throws {
            try FileManager.default.createDirectory(
                atPath: home + "/.claude/projects", withIntermediateDirectories: true)
            let arguments = [
                "doctor", "--json", "--seconds", "120", "--ingest", services.ingest.description, "--data", home,
            ]
            let environment = ["HOME": home, "PATH": "/nowhere", "CLAUDE_CONFIG_DIR": home + "/.claude"]
            // It gives a service three seconds to answer: on a busy machine it looks again.
            var run = try Command.tollbook(arguments + server, environment: environment)
            for _ in 0..<20 where run.status != 0 {
                run = try Command.tollbook(arguments + server, environment: environment)
            }
            #expect(run.status == 0, "an agent that was heard of reports: \(run.output)\(run.errors)")
            #expect(run.output.contains("\"received_fault\": null"))
        }
    }
}
