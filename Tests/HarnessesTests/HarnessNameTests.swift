import Foundation
import Metering
import Testing

@testable import Harnesses

/// What knows a harness: its own files, and a line of the catalog.
struct HarnessNameTests {
    /// The sources of the services that stand between agents and the ledger, as they lie beside the tests.
    private static let services = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Services").standardizedFileURL

    /// A text as words in lower case: identifiers fall apart where their capitals are.
    private func words(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character = " "
        for character in text {
            if !character.isLetter {
                words.append(word)
                word = ""
            } else {
                if character.isUppercase, !previous.isUppercase {
                    words.append(word)
                    word = ""
                }
                word += character.lowercased()
            }
            previous = character
        }
        return (words + [word]).filter { !$0.isEmpty }
    }

    /// The words of a harness's name; `opencode` writes itself in two.
    private func name(of harness: Harness) -> [[String]] {
        let words = words(harness.rawValue)
        switch harness.rawValue {
        case "claude-code": return [["claude"]]
        case "omp": return [["omp"], ["oh", "my", "pi"]]
        case "opencode": return [["opencode"], ["open", "code"]]
        default: return [words, [words.joined()]]
        }
    }

    private func contains(_ line: [String], _ name: [String]) -> Bool {
        line.indices.contains { line[$0...].starts(with: name) }
    }

    @Test func `no file but a harness's own names it, save for its line in the catalog`() throws {
        let harnesses = HarnessCatalog.standard.readers.compactMap(\.harness)
        let paths = try ["Ingest", "Dedupe"].flatMap { service in
            try FileManager.default.subpathsOfDirectory(atPath: Self.services.path + "/" + service)
                .filter { $0.hasSuffix(".swift") }.map { service + "/" + $0 }
        }
        #expect(paths.count > 120)
        var mentions: [Harness: Set<String>] = [:]
        for path in paths {
            let text = try String(contentsOf: Self.services.appending(path: path), encoding: .utf8)
            // How one harness's extension is called, after what it began as.
            for line in text.split(separator: "\n") where !line.contains("saoudrizwan.claude-dev") {
                let words = words(line)
                for harness in harnesses where name(of: harness).contains(where: { contains(words, $0) }) {
                    let isInCatalog = path == "Ingest/Core/HarnessCatalog.swift"
                    mentions[harness, default: []].insert(isInCatalog ? "HarnessCatalog.swift:" + line : path)
                }
            }
        }
        var lines: Set<String> = []
        for harness in harnesses {
            let found = mentions[harness] ?? []
            let inCatalog = found.filter { $0.hasPrefix("HarnessCatalog.swift:") }
            lines.formUnion(inCatalog)
            #expect(!inCatalog.isEmpty, "\(harness)")
            let files = found.subtracting(inCatalog)
            let own = Set(files.map { words($0.split(separator: "/").last ?? "")[0] })
            let isInCore = files.allSatisfy { $0.hasPrefix("Ingest/Core/") }
            #expect(own.count == 1 && isInCore, "\(harness) is named in \(files.sorted())")
        }
        #expect(lines.count == harnesses.count, "one line each: \(lines.sorted())")
    }

    @Test func `no two harnesses have one name, and names are normalised`() {
        let names = HarnessCatalog.standard.readers.compactMap(\.harness)
        #expect(Set(names).count == names.count)
        for name in names { #expect(Harness(normalising: name.rawValue) == name) }
    }

    @Test func `a made-up harness is read on every channel with one file, one line and one folder of fixtures`() throws
    {
        let inputs = try FixtureInput.all(below: "windmill")
        #expect(
            inputs.contains { $0.isRequest } && inputs.contains { $0.isResult } && inputs.contains { $0.isSessionFile })
        let standard = Intake(identityPolicy: .drop)
        for input in inputs {
            let observations = try input.read().observations
            #expect(!observations.isEmpty && observations.allSatisfy { $0.harness.rawValue == "windmill" }, "\(input)")
            // Without the line it is a stranger.
            let found = try? input.read(by: standard).observations
            #expect(found?.isEmpty != false, "\(input)")
        }
        let turns = Set(try inputs.flatMap { try $0.read().observations.flatMap(\.keys) })
        #expect(turns == ["windmill:step:t1", "windmill:step:t2"])
    }

    @Test(arguments: [
        ("gemini-cli", "gemini-cli"), ("qwen-code", "qwen-code"), ("opencode", "opencode"),
        ("github-copilot", "copilot"), ("copilot-chat", "copilot"), ("cline", "cline"), ("goose", "goose"),
        ("kimi-cli", "kimi"), ("kimi-code", "kimi"), ("pi", "pi"), ("omp", "omp"), ("droid", "droid"),
        ("Some Agent", "some-agent"), ("claude-code-desktop", "claude-code"),
    ])
    func `a service is attributed to its harness, and a stranger to itself`(service: String, harness: String) throws {
        let body = OTLPBody.span(
            service: service, name: "chat m",
            [
                ("gen_ai.operation.name", OTLPBody.text("chat")), ("gen_ai.request.model", OTLPBody.text("m")),
                ("gen_ai.usage.input_tokens", OTLPBody.int("1")),
            ])
        let resolution = HarnessCatalog.standard.resolve(service: service, scope: [])
        #expect(resolution.harness.rawValue == harness)
        let found = try Intake.forTests.read(body, .traces).observations.map(\.harness.rawValue)
        #expect(found.allSatisfy { $0 == harness })
    }
}
