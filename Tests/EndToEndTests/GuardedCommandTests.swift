import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Commands where services ask for keys, and what commands do with files of keys.
    @Suite struct GuardedCommandTests {
        private static func sheet(output: String) -> String {
            """
            {"format":1,"provider":"anthropic","version":"contract","unit":"USD per million tokens",
            "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
            "cache_write_1h":"uncached_input","cache_write":"uncached_input"},"rows":[
            {"model":"claude-opus-4-6","source":"contract","rates":{"uncached_input":"1","output":"\(output)"}}]}
            """
        }

        @Test func `the past is repriced over a bus that asks for keys`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let made = try Command.tollbook(["keys", "deployment", folder.path + "/curve"])
            #expect(made.status == 0, "\(made.errors)")
            let guarded = Dictionary(
                uniqueKeysWithValues: Service.startOrder.map {
                    ($0, ["--curve", "\(folder.path)/curve/\($0.rawValue)"])
                })
            let services = try RunningServices(extraArguments: guarded)
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 91, sessions: 2)
            try services.deliver(generator.logs(calls: 30), to: "logs")
            let books = generator.books
            let before = try services.settledLedger { $0.books == books }
            #expect(before.books == books)
            let model = try #require(before.calls.compactMap(\.call.model).first)
            let overrides = folder.path + "/prices.d"
            try FileManager.default.createDirectory(atPath: overrides, withIntermediateDirectories: true)
            let sheet = Self.sheet(output: "2").replacingOccurrences(of: "claude-opus-4-6", with: model)
            try Data(sheet.utf8).write(to: URL(filePath: overrides + "/contract.json"))

            let ports = services.deployment.ports
            let job = try Command.tollbook(
                [
                    "reprice", "--since", "2020-01-01", "--model", model, "--server", services.query.description,
                    "--price-overrides", overrides, "--data", services.deployment.data,
                    "--charges", "tcp://127.0.0.1:\(ports[.charges])", "--charge-watermarks",
                    "tcp://127.0.0.1:\(ports[.chargeWatermarks])",
                ], environment: ["TOLLBOOK_CURVE": folder.path + "/curve/pricing"])
            #expect(job.status == 0, "\(job.errors)")
            let wanted = before.calls.filter { $0.call.model == model }.count
            let after = try services.ledger { view in view.calls.count { $0.call.reason == .reprice } >= wanted }
            #expect(after.calls.count { $0.call.reason == .reprice } == wanted)
        }

        @Test func `a key that may only read is told that budgets are not for it, not that there are none`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let keys = folder.path + "/keys.json"
            let create = ["keys", "create", "--keys", keys, "--tenant", "default", "--scopes", "read"]
            let made = try Command.tollbook(create)
            #expect(made.status == 0, "\(made.errors)")
            let services = try RunningServices(extraArguments: [.query: ["--keys", keys]])
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 92, sessions: 1)
            try services.deliver(generator.logs(calls: 3), to: "logs")
            let secret = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            try Self.waitForChanges(services.query, secret)
            let run = try Command(
                EndToEndTests.python,
                [
                    "-B", try EndToEndTests.script("guarded.py", in: "Browser"), services.query.description, secret,
                ])
            #expect(run.status == 0, "\(run.output)\(run.errors)")

            var line = ""
            // On a busy machine an answer may come after the line's own deadline.
            for _ in 0..<200 where !line.contains("refuses") {
                line = try Command.tollbook(["statusline", "--server", services.query.description]).output
            }
            #expect(line == "tollbook refuses; tollbook daily says why\n")
        }

        /// Waits until the ledger has something to show to whoever has a key.
        private static func waitForChanges(_ query: HTTPAddress, _ secret: String) throws {
            var connection = HTTPConnection(to: query, timeout: .seconds(120))
            var ask = HTTPRequest.get("/v1/changes?after=2&limit=1")
            ask.headers = [("Authorization", "Bearer " + secret)]
            for _ in 0..<2400 {
                let answer = try connection.send(ask)
                if answer.text.contains("\"charge\"") { return }
                pause(.milliseconds(50))
            }
            throw SupportFailure("nothing was counted in time")
        }

        @Test func `a list of keys is on the disk before a secret is shown`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/keys.json"
            func create(_ more: [String], environment: [String: String] = [:]) throws -> Command {
                try Command.tollbook(["keys", "create", "--keys", file] + more, environment: environment)
            }
            #expect(try create(["--tenant", "acme"]).status == 0)
            let before = try Data(contentsOf: URL(filePath: file))
            let host = try HostFaults(path: folder.path + "/faults")
            host.failSyncs(1)
            let lost = try create(["--tenant", "other"], environment: host.environment)
            #expect(lost.status != 0 && lost.output.isEmpty, "no secret is shown that opens nothing: \(lost.output)")
            #expect(try Data(contentsOf: URL(filePath: file)) == before)
            #expect(!FileManager.default.fileExists(atPath: file + ".new"))
            #expect(try create(["--tenant", "other"]).status == 0)
            for wrong in ["a\u{1B}[2Jb", "a\nb", "a\u{7F}", ""] {
                #expect(try create(["--tenant", wrong]).status == 64)
            }
            #expect(try create(["--tenant", "acme", "--note", "for\tme"]).status == 64)
        }

        @Test func `a key file that others may read, or that is not there, is told at once`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/key"
            let nobody = ["daily", "--server", "127.0.0.1:\(FreePorts.take(1)[0])"]
            func daily() throws -> String {
                let run = try Command.tollbook(nobody, environment: ["TOLLBOOK_KEY_FILE": file])
                #expect(run.status == 1)
                return run.errors
            }
            #expect(try daily().contains("\(file) (TOLLBOOK_KEY_FILE) cannot be read"))
            try Data("tbk_0\n".utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            // Of root, a group may read it: that is how orchestrators hand secrets over.
            #expect(try daily().contains("chmod 600") == (getuid() != 0))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            let exposed = try daily()
            #expect(exposed.contains("chmod 600") && !exposed.contains("tbk_0"))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            #expect(try daily().contains("nothing answers"))
        }
    }
}
