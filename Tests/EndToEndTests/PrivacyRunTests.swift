import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What agents say must stay with them: every input of every reader, with a text in it that nobody may keep, goes through
    /// the real services, and is then looked for in every byte that these have written.
    @Suite struct PrivacyRunTests {
        private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../HarnessesTests").standardizedFileURL

        /// A file of inputs: which harness or provider it is of, and how it reaches ingest.
        private struct Input {
            let path: String
            let text: Data

            var source: String { String(path.prefix { $0 != "/" }) }
            var name: Substring { path.split(separator: "/").last ?? "" }
            var isRequest: Bool { name.hasPrefix("request") || path.contains("/otlp/") }
            var signal: String {
                path.contains("metrics") ? "metrics" : path.contains("traces") ? "traces" : "logs"
            }
        }

        private static func inputs(below folder: String) throws -> [Input] {
            let root = tests.appending(path: folder)
            return try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted().compactMap { path in
                let ending = path.split(separator: ".").last
                guard ["json", "jsonl", "ndjson"].contains(ending), !path.hasPrefix("vectors/"), path.contains("/"),
                    !path.hasPrefix("windmill/")
                else { return nil }
                let text = try Data(contentsOf: root.appending(path: path))
                return Input(path: path, text: try PrivacyCanary.salted(text, hasLines: ending != "json"))
            }
        }

        /// How an input is sent: the route below `/v1/`, and the types and bodies of its requests.
        private static func requests(for input: Input) -> (route: String, type: String, bodies: [Data]) {
            if input.isRequest {
                let lines = input.text.split(separator: UInt8(ascii: "\n")).map { Data($0) }
                return (input.signal, "application/json", input.name == "requests.jsonl" ? lines : [input.text])
            }
            if input.name.hasPrefix("result.") { return ("results/\(input.source)", "text/plain", [input.text]) }
            let place = "/home/\(PrivacyCanary.text)/\(input.path)"
            return ("transcripts/\(input.source)?file=\(place)", "application/x-ndjson", [input.text])
        }

        @Test func `no reader lets through what agents say, to the last file and log`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            var sources: Set<String> = []
            for input in try Self.inputs(below: "Fixtures") {
                let (route, type, bodies) = Self.requests(for: input)
                for body in bodies { try services.deliver([UInt8](body), to: route, type: type) }
                sources.insert(input.source)
            }
            #expect(sources.count >= 15)
            let providers = try Self.inputs(below: "Responses")
            for input in providers {
                let type = input.name.hasSuffix(".json") ? "application/json" : "application/x-ndjson"
                try services.deliver([UInt8](input.text), to: "responses/\(input.source)", type: type)
            }
            #expect(Set(providers.map(\.source)).count >= 10)
            // A file on disk, in a folder that nobody may know, with a line that is refused.
            let project = folder.path + "/.claude/projects/-\(PrivacyCanary.text)"
            try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
            try Data("{\"type\":\"assistant\",\"\(PrivacyCanary.text)\n\(PrivacyCanary.text)".utf8).write(
                to: URL(filePath: project + "/s.jsonl"))
            let imported = try Command.tollbook(["import", folder.path, "--ingest", services.ingest.description])
            #expect(imported.status == 0 && !imported.output.contains(PrivacyCanary.text), "\(imported.errors)")

            let view = try services.settledLedger { $0.calls.count > 100 }
            #expect(view.calls.count > 100)
            #expect(try services.metric("tollbook_dedupe_dead_letters_total", of: .dedupe) >= 2)
            #expect(Set(view.calls.map(\.call.scope.harness.rawValue)).count >= 12)
            let kept = services.files.filter { $0.bytes.range(of: Data(PrivacyCanary.text.utf8)) != nil }
            #expect(kept.isEmpty, "kept in \(kept.map(\.name))")
            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let changes = try connection.send(.get("/v1/changes?after=0&limit=1000")).text
            #expect(!changes.contains(PrivacyCanary.text))
        }
    }
}
