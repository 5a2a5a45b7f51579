import Foundation
import LocalHTTP
import Support
import Testing

extension EndToEndTests {
    @Suite struct InterfaceTests {
        @Test func `schemathesis finds nothing to say about the interface and its description`() throws {
            let tool = URL(filePath: EndToEndTests.python).deletingLastPathComponent().appending(path: "schemathesis")
            let isThere = FileManager.default.isExecutableFile(atPath: tool.path)
            try #require(isThere, "schemathesis is missing; deploy/test installs it")
            let services = try RunningServices()
            defer { services.shutDown() }
            let capture = try ClaudeCapture.recorded()
            for body in capture.logs { try services.deliver(body, to: "logs") }
            for body in capture.metrics { try services.deliver(body, to: "metrics") }
            _ = try services.settledLedger { $0.books == capture.truth }

            // Live streams have no end that a tool of requests and answers could wait for; they have tests of their own.
            let folder = try TestFolder()
            defer { folder.remove() }
            let run = try Command(
                tool.path,
                [
                    "--config-file", try EndToEndTests.script("schemathesis.toml", in: "Interface"), "run",
                    services.query.description + "/openapi.json", "--exclude-path", "/v1/events", "--checks", "all",
                    // One worker: Python 3.11 cannot take source text apart in two threads at once, and fails by chance.
                    "--max-examples", "12", "--max-time", "60", "--seed", "7", "--workers", "1", "--phases",
                    "examples,coverage,fuzzing", "--continue-on-failure", "--request-timeout", "120",
                    // How fast requests are made up says nothing of the interface.
                    "--suppress-health-check", "too_slow", "--report-dir", folder.path,
                ], environment: ["HYPOTHESIS_STORAGE_DIRECTORY": folder.path, "NO_COLOR": "1"])
            // The service itself must not fail, whatever is found about its description.
            #expect(!run.output.contains("Server Unavailable"), "\(run.output.suffix(6000))")
            #expect(run.status == 0, "\(run.output.suffix(6000))\(run.errors.suffix(1000))")
        }
    }
}
