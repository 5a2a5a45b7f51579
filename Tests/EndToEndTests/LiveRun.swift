import Foundation
import LocalHTTP
import Support

/// A run of a real agent through the scenes of a script: what it was served, wrote and printed.
struct LiveRun {
    let folder: TestFolder

    /// Runs a script of `Live`; its telemetry goes to the services.
    init(_ script: String, _ options: [String], telemetryTo services: RunningServices) throws {
        folder = try TestFolder()
        let run = try Command(
            EndToEndTests.python,
            [
                "-B", try EndToEndTests.script(script), "--otlp", services.ingest.description, "--out", folder.path,
            ] + options)
        guard run.status == 0 else { throw SupportFailure("\(script) failed: \(run.output)\(run.errors)") }
    }

    /// What the provider served, to be read by its dialect.
    var truth: URL { URL(filePath: folder.path + "/truth.jsonl") }

    /// What a command was, as a program that starts it knows.
    struct Invocation: Decodable {
        let name: String
        let parent: String
        let began: String
        let ended: String
    }

    /// What the commands printed, in the order in which they ended.
    func results() throws -> [(invocation: Invocation, output: [UInt8])] {
        let list = try Data(contentsOf: URL(filePath: folder.path + "/results.json"))
        return try JSONDecoder().decode([Invocation].self, from: list).map { invocation in
            let file = URL(filePath: folder.path + "/results/\(invocation.name).out")
            return (invocation, [UInt8](try Data(contentsOf: file)))
        }
    }

    /// Imports what the agent wrote.
    func sendFiles(_ folder: String, of harness: String, to services: RunningServices) throws {
        let imported = try Command.tollbook([
            "import", self.folder.path + "/" + folder, "--harness", harness, "--ingest", services.ingest.description,
        ])
        guard imported.status == 0 else { throw SupportFailure("the import failed: \(imported.errors)") }
    }

    /// Sends what the commands printed, with what is known of each.
    func sendResults(of harness: String, to services: RunningServices) throws {
        for (invocation, output) in try results() {
            let query = [
                "run=\(invocation.name)", "parent=\(invocation.parent)", "started=\(invocation.began)",
                "ended=\(invocation.ended)",
            ]
            try services.deliver(
                output, to: "results/\(harness)?" + query.joined(separator: "&"), type: "text/plain")
        }
    }
}
