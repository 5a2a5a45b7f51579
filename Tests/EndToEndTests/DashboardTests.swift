import Foundation
import LocalHTTP
import Support
import Testing

extension EndToEndTests {
    @Suite struct DashboardTests {
        @Test func `a browser sees a capture arrive and follows a day down to the evidence of a call`() throws {
            let check = try Command(EndToEndTests.python, ["-c", "import playwright"])
            try #require(check.status == 0, "playwright is missing; deploy/test installs it")
            let services = try RunningServices()
            defer { services.shutDown() }
            let capture = URL(filePath: try ClaudeCapture.recorded().transcriptsFolder).deletingLastPathComponent()
            let run = try Command(
                EndToEndTests.python,
                [
                    "-B", try EndToEndTests.script("dashboard.py", in: "Browser"), services.query.description,
                    services.ingest.description, capture.appending(path: "otlp").path,
                ])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
        }
    }
}
