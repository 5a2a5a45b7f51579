import Foundation
import LocalHTTP
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What operators do.
    @Suite struct OperatorTests {
        @Test func `refused lines are listed by reason and looked for again in their files`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/.claude/projects/-p/session.jsonl"
            try FileManager.default.createDirectory(
                atPath: folder.path + "/.claude/projects/-p", withIntermediateDirectories: true)
            let good = """
                {"type":"assistant","sessionId":"s","uuid":"u","timestamp":"2026-11-20T12:00:00Z","requestId":"req_o",\
                "message":{"id":"msg_o","model":"claude-opus-4-6","usage":{"input_tokens":3,"output_tokens":4}}}
                """
            let negative = good.replacing("_o", with: "_n").replacing(":3", with: ":-3")
            try Data("no JSON\n\(negative)\n\(good)\n{\"type\":\"assistant\",\"mess".utf8).write(
                to: URL(filePath: file))
            let admin = "127.0.0.1:\(services.deployment.ports[.dedupeAdmin])"
            let empty = try Command.tollbook(["dead-letters", "--dedupe", admin])
            #expect(empty.status == 0 && empty.output.contains("Everything that came could be used"))

            let imported = try Command.tollbook(["import", file, "--ingest", services.ingest.description])
            #expect(imported.status == 0, "\(imported.errors)")
            #expect(
                imported.errors.contains(
                    "1 usage records in 1 files; not usable: malformed_line (1), negative_token_count (1), "
                        + "unfinished_line (1)"))
            _ = try services.settledLedger { $0.hasSession("s") }
            let listed = try Command.tollbook(["dead-letters", "--dedupe", admin])
            #expect(listed.status == 0, "\(listed.errors)")
            #expect(listed.output.contains("malformed_line") && listed.output.contains("unfinished_line"))
            let json = try Command.tollbook(["dead-letters", "--json", "--reason", "malformed_line", "--dedupe", admin])
            #expect(json.output.contains("\"count\":1") && !json.output.contains("unfinished_line"))

            // The writer has finished its line meanwhile; the others are as bad as they were.
            try Data("no JSON\n\(negative)\n\(good)\n".utf8).write(to: URL(filePath: file))
            let again = try Command.tollbook([
                "dead-letters", "--replay", folder.path, "--dedupe", admin, "--ingest", services.ingest.description,
            ])
            #expect(again.status == 0, "\(again.errors)")
            #expect(
                again.errors.contains(
                    "of 3 refused lines 2 were found: 0 can be used now, 2 still cannot; 1 are in no file"))
        }

        @Test func `the keys of a deployment are made once, each service's in a folder of its own`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let make = ["keys", "deployment", folder.path + "/curve", "--keys", folder.path + "/keys.json"]
            let first = try Command.tollbook(make)
            #expect(first.status == 0, "\(first.errors)")
            let files = FileManager.default
            func contents() throws -> [String: Data?] {
                let names = try files.subpathsOfDirectory(atPath: folder.path).filter { $0.contains(".") }
                return Dictionary(
                    uniqueKeysWithValues: names.map { ($0, files.contents(atPath: folder.path + "/" + $0)) })
            }
            let made = try contents()
            for service in ["ingest", "dedupe", "pricing", "query"] {
                let own = Set(
                    made.keys.filter { $0.hasPrefix("curve/\(service)/") }.map { $0.split(separator: "/")[2] })
                #expect(own == ["\(service).key", "ingest.pub", "dedupe.pub", "pricing.pub", "query.pub"])
            }
            #expect(try Command.tollbook(["keys", "list", "--keys", folder.path + "/keys.json"]).output.isEmpty)
            #expect(try Command.tollbook(make).status == 0)
            #expect(try contents() == made, "what is there stays")
        }

        @Test
        func `services that are told to end hand on what they hold, and leave nothing to resend`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 5)
            var isAllThere = false
            // They hand on for ten seconds and no longer: on a machine that gives them no turn in that time it says nothing.
            for _ in 0..<3 where !isAllThere {
                for _ in 0..<100 { try services.deliver(generator.logs(calls: 50), to: "logs") }
                let books = generator.books
                try Self.endAll(services)
                try services.start(.query)
                try services.waitUntilReady(.query)
                isAllThere = try services.ledger(timeout: .seconds(30)) { $0.books == books }.books == books
                if isAllThere { continue }
                // What was not handed on is not lost.
                for service in Service.startOrder where service != .query { try services.start(service) }
                for service in Service.startOrder { try services.waitUntilReady(service) }
                #expect(try services.settledLedger { $0.books == books }.books == books)
            }
            #expect(isAllThere, "the ledger had all before the others ended")
        }

        /// Tells all to end, upstream first, and prints how long each took.
        private static func endAll(_ services: RunningServices) throws {
            var times: [String] = []
            for service in Service.startOrder.reversed() {
                let start = ContinuousClock.now
                #expect(try services.stop(service) == .status(0))
                times.append("\(service.rawValue) \(Int((ContinuousClock.now - start) / .milliseconds(1))) ms")
            }
            print("ended after \(times.joined(separator: ", "))")
        }
    }
}
