import Metering
import Testing

@testable import Harnesses

/// Who reads what.
struct HarnessCatalogTests {
    /// A harness that keeps documents, rows and lines, and whose command prints results.
    private struct Watermill: HarnessReader {
        static let name = Harness(rawValue: "watermill")
        let harness: Harness? = name
        let sessionFiles: SessionFiles? = SessionFiles(
            roots: [
                .init(.variable("MILL_HOME", "logs"), .variable("XDG_DATA_HOME", "mill/logs"), .home(".mill/logs")),
                .init(.home(".config/mill", ".mill/logs")),
            ],
            files: [
                .init("**/*.day.json", .document), .init("mill.db", .database(queries: ["select json from turns"])),
                .init("turns/*/t-*.jsonl", .lines),
            ])

        func owns(service: String) -> Bool { false }

        func makeSessionReader(of file: SessionFile) -> SessionReader? {
            file.name.hasSuffix(".day.json")
                ? .document(Day()) : .lines(Turns(mill: file.folders.last.map(String.init)))
        }

        func makeResultReader(of invocation: Invocation) -> (any ResultReader)? {
            Turns(mill: invocation.parentSession)
        }

        struct Day: DocumentReader {
            func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection) {
                guard document.first == UInt8(ascii: "["), document.last == UInt8(ascii: "]") else {
                    throw Rejection(.malformedDocument)
                }
                let context = records.context
                for part in document.dropFirst().dropLast().split(separator: UInt8(ascii: ",")) {
                    records.add(part) { () throws(Rejection) in
                        try Turns(mill: nil).observations(in: Array(part), context)
                    }
                }
            }
        }

        struct Turns: TranscriptReader, ResultReader {
            let mill: String?

            func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation] {
                guard
                    let text = Int64(String(decoding: line.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
                        ?? grain(line)
                else { return [] }
                guard text >= 0 else { throw Rejection(.negativeTokenCount) }
                var hasher = RecordHasher("turn")
                hasher.add(text)
                let id = hasher.identity()
                let key = CallKey(space: "watermill", kind: .step, value: id.description)
                return [
                    context.observation(
                        id, channel: .transcript, session: mill, time: nil,
                        content: .call(keys: [key], tokens: TokenCounts(output: text), cost: nil))
                ]
            }

            private func grain(_ line: [UInt8]) -> Int64? {
                guard line.contains(UInt8(ascii: "g")) else { return nil }
                return Int64(
                    String(
                        decoding: line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self))
            }
        }
    }

    private let mills = Intake(catalog: HarnessCatalog([ClaudeCode(), Watermill()]), identityPolicy: .drop)

    @Test func `a document is read record by record`() throws {
        let result = try mills.readTranscript(
            Array("[1,-2, 3]".utf8), of: Watermill.name, file: "x/may.day.json", receivedTime: Intake.noon)
        #expect(result.observations.map(\.tokens?.output) == [1, 3])
        #expect(result.rejected == [.negativeTokenCount: 1])
        let broken = try mills.readTranscript(
            Array("[1,".utf8), of: Watermill.name, file: "may.day.json", receivedTime: Intake.noon)
        #expect(broken.rejected == [.malformedDocument: 1])
    }

    @Test func `a reader is told the file's place and goes on where it stopped`() throws {
        var reading = try #require(
            mills.beginTranscript(of: Watermill.name, file: SessionFile(path: "a\\north\\t-1.jsonl")))
        #expect(
            reading.read(Array("1\n2\n".utf8), receivedTime: Intake.noon).observations.map(\.session) == [
                "north", "north",
            ])
        let later = reading.read(Array("3".utf8), receivedTime: Timestamp(nanoseconds: 7)).observations
        #expect(later.map(\.receivedTime) == [Timestamp(nanoseconds: 7)])
    }

    @Test(arguments: [
        ("{\"g\":1}\n{\"g\":2}", [1, 2]), ("hello\n  {\"g\":1}  \r\nbye\n", [1]), ("[{\"g\":1},{\"g\":2}]", [1, 2]),
        ("{\n \"a\": {\n },\n \"g\": 7\n}\n{\"g\":8}", [7, 8]), ("[\n {\"g\":1},\n {\"g\":2}\n]", [1, 2]), ("", []),
        ("{ starting\n{\"g\":4}\nend", [4]), ("{\"g\": \n{\"g\":5}\n}", [5]), ("no json", []), ("{\"g\":1", []),
    ])
    func `what a command prints is cut into its JSON texts`(output: String, expected: [Int64]) throws {
        var reading = try #require(mills.beginResult(of: Watermill.name, invocation: Invocation(parentSession: "s")))
        var found: [Observation] = []
        for byte in output.utf8 { found += reading.read([byte], receivedTime: Intake.noon).observations }
        found += reading.finish(receivedTime: Intake.noon).observations
        #expect(found.map(\.tokens?.output) == expected)
        #expect(found.allSatisfy { $0.session == "s" })
        #expect(
            try mills.readResult(Array(output.utf8), of: Watermill.name, receivedTime: Intake.noon).accepted
                == expected.count)
    }

    @Test(arguments: [
        // A stray bracket holds up nothing behind it, not even a document over several lines.
        ("{\n{\"g\":1}\n", [#"{"g":1}"#]), ("{\n{\n\"g\":1\n}\n", ["{\n\"g\":1\n}"]),
        ("[\n[\n[\n{\"g\":1}\nwords\n{\"g\":2}\n", [#"{"g":1}"#, #"{"g":2}"#]),
        // Too long: what follows counts.
        ("{\"a\":[\n" + String(repeating: "1,\n", count: 40) + "{\"g\":2}\n", [#"{"g":2}"#]),
        ("{\"a\":\"" + String(repeating: "x", count: 80) + "\"}\n{\"g\":3}\n", [#"{"g":3}"#]),
        ("{\"a\":\n\"" + String(repeating: "x", count: 80) + "\"}\n{\"g\":4}\n", [#"{"g":4}"#]),
        (String(repeating: "y", count: 200) + "{\"g\":5}\n{\"g\":6}", [#"{"g":6}"#]),
    ])
    func `what never ends is given up, and what follows is read`(text: String, expected: [String]) {
        var output = CommandOutput(maximumLineBytes: 64, maximumDocumentBytes: 96)
        var found: [String] = []
        let record = { (text: ArraySlice<UInt8>) in found.append(String(decoding: text, as: UTF8.self)) }
        for byte in text.utf8 { output.add([byte], record) }
        #expect(found == (text.hasSuffix("\n") ? expected : []), "before the end already")
        output.finish(record)
        #expect(found == expected)
    }

    @Test func `brackets without end hold up nothing behind them`() {
        for opening in ["[\n", "{\n", "{\"a\":[\n", "[[1],[\n"] {
            var output = CommandOutput(maximumLineBytes: 1 << 20, maximumDocumentBytes: 1 << 16)
            var found = 0
            output.add(Array((String(repeating: opening, count: 400) + "{\"g\":1}\n").utf8)) { _ in found += 1 }
            output.finish { _ in found += 1 }
            #expect(found == 1, "\(opening)")
        }
    }

    @Test func `where session files lie follows the environment`() throws {
        let files = try #require(Watermill().sessionFiles)
        #expect(files.folders(home: "/h") { _ in nil } == ["/h/.mill/logs", "/h/.config/mill"])
        #expect(
            files.folders(home: "/h") { $0 == "MILL_HOME" ? " ~/a , /b/ " : "/xdg" }
                == ["/h/a/logs", "/b/logs", "/h/.config/mill", "/h/.mill/logs"])
        #expect(files.folders(home: "/h") { $0 == "XDG_DATA_HOME" ? "/xdg" : "" }.first == "/xdg/mill/logs")
        #expect(files.form(of: "may.day.json") == .document)
        #expect(files.form(of: "2026/05/may.day.json") == .document)
        #expect(files.form(of: "mill.db") == .database(queries: ["select json from turns"]))
        #expect(files.form(of: "turns/north/t-1.jsonl") == .lines)
        for other in ["turns/t-1.jsonl", "turns/a/b/t-1.jsonl", "turns/north/t-1.jsonl.gz", "mill.db-wal", ""] {
            #expect(files.form(of: other) == nil, "\(other)")
        }
        let standard = HarnessCatalog.standard.sessionFiles
        #expect(standard.map(\.harness) == HarnessCatalog.standard.transcriptHarnesses)
        #expect(standard.allSatisfy { !$0.files.folders(home: "/h") { _ in nil }.isEmpty })
    }

    @Test(arguments: [
        ("claude_code", "claude-code"), ("Claude Code", "claude-code"), ("gemini.cli", "gemini-cli"),
        ("codex", "codex"),
        ("--x--", "x"), ("A__B", "a-b"), ("\u{1F600}café", "caf"),
    ])
    func `names are normalised in one place`(name: String, expected: String) {
        #expect(Harness(normalising: name)?.rawValue == expected)
    }

    @Test func `a name of nothing is no name, and a long one is cut`() {
        #expect(Harness(normalising: " _ ") == nil)
        #expect(Harness(normalising: String(repeating: "a", count: 500))?.rawValue.count == 64)
    }

    private func harness(service: String?, scope: String, event: String) throws -> String? {
        let body = OTLPBody.log(service: service, scope: scope, event: event, [("output_tokens", OTLPBody.int("1"))])
        return try Intake.forTests.read(body, .logs).observations.first?.harness.rawValue
    }

    @Test func `the service's name decides before the names of records`() throws {
        #expect(try harness(service: "claude-code-desktop", scope: "x", event: "api_request") == "claude-code")
        // A plugin of another agent that calls its records alike.
        #expect(try harness(service: "opencode", scope: "x", event: "claude_code.api_request") == nil)
        // A service renamed by its user keeps the vendor's scope.
        let scope = "com.anthropic.claude_code.events"
        #expect(try harness(service: "team-agent", scope: scope, event: "api_request") == "claude-code")
        #expect(try harness(service: nil, scope: "x", event: "claude_code.api_request") == "claude-code")
        #expect(
            try harness(service: "unknown_service:node", scope: "x", event: "claude_code.api_request") == "claude-code")
        #expect(try harness(service: nil, scope: "x", event: "api_request") == nil)
    }

    @Test func `what a resource says about a team, a project and a run reaches its calls`() throws {
        let resource = [
            ("team.id", "platform"), ("project.name", "billing"), ("vcs.repository.name", "app"),
            ("vcs.ref.head.name", "main"), ("host.name", "box"), ("cicd.pipeline.run.id", "42"), ("cost_center", "x"),
        ].map { ($0.0, OTLPBody.text($0.1)) }
        let body = OTLPBody.log(resource: resource, [("output_tokens", OTLPBody.int("1"))])
        let attribution = try #require(try Intake.forTests.read(body, .logs).observations.first?.attribution)
        var expected = Attribution()
        expected.team = "platform"
        expected.project = "billing"
        expected.repository = "app"
        expected.branch = "main"
        expected.host = "box"
        expected.ciRun = "42"
        #expect(attribution == expected)
    }
}
