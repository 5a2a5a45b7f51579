import Foundation
import LocalHTTP
import Support
import Testing

extension EndToEndTests {
    /// The real Claude Code against a scripted provider, its telemetry sent to the real services.
    @Suite struct LiveRunTests {
        @Test(
            .enabled(if: Self.agent != nil, "Claude Code is not installed; deploy/test tries to install it"),
            arguments: ["http/json", "http/protobuf"])
        func `a live agent's usage comes out as the provider served it`(transport: String) throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            let run = try Command(
                EndToEndTests.python,
                [
                    "-B", try EndToEndTests.script("run_claude.py"), "--claude", try #require(Self.agent),
                    "--otlp", services.ingest.description, "--protocol", transport, "--out", folder.path,
                ])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            let truth = try ClaudeCapture.truth(URL(filePath: folder.path + "/truth.jsonl"))
            #expect(truth.total.calls >= 15)

            let live = try services.settledLedger { $0.books == truth }
            let differences = live.books.differences(from: truth)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")

            let imported = try Command.tollbook([
                "import", folder.path + "/transcripts", "--ingest", services.ingest.description,
            ])
            #expect(imported.status == 0, "\(imported.errors)")
            let after = try services.settledLedger { $0.books == truth }
            #expect(after.books == truth, "the transcripts of the same run must change nothing")
        }

        /// The agent's program, where `deploy/test` could install it.
        private static var agent: String? {
            ProcessInfo.processInfo.environment["TOLLBOOK_TEST_CLAUDE"].flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}
