import Foundation
import Harnesses
import Metering
import Testing

/// Recorded and documented answers of every provider, and what they must give, line for line.
///
/// A folder `Responses/<provider>` holds bodies (`*.json`), streams (`*.sse`) and lines (`*.ndjson`), and `expected.txt`: for
/// each of them a line with its name and what the request says of it, then the events it gives.
struct ResponseFixtureTests {
    static let root = Bundle.module.bundleURL.appending(path: "Responses")

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: root.appending(path: path)))
    }

    /// Every file with answers.
    static var paths: [String] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: root.path)
                .filter { $0.contains("/") && !$0.hasSuffix("/expected.txt") }.sorted()
        }
    }

    static func framing(of path: String) throws -> ResponseFraming {
        switch path.split(separator: ".").last {
        case "json": .json
        case "sse": .eventStream
        case "ndjson": .lines
        default: throw CocoaError(.fileReadUnknown)
        }
    }

    static func read(_ path: String, facts: [String: String] = [:]) throws -> IntakeResult {
        try Intake.forTests.readResponses(
            try bytes(path), of: String(path.prefix { $0 != "/" }), framing: try framing(of: path),
            facts: ResponseFacts { facts[$0] }, receivedTime: Intake.noon)
    }

    /// The sections of a provider's expectations: a file, what is said of it, what it gives.
    private func sections(of provider: String) throws -> [(file: String, facts: [String: String], events: [String])] {
        let text = try String(decoding: Self.bytes(provider + "/expected.txt"), as: UTF8.self)
        var sections: [(file: String, facts: [String: String], events: [String])] = []
        for line in text.split(separator: "\n") {
            guard line.hasPrefix("# ") else {
                sections[sections.count - 1].events.append(String(line))
                continue
            }
            let words = line.dropFirst(2).split(separator: " ")
            var facts: [String: String] = [:]
            for word in words.dropFirst() {
                let parts = word.split(separator: "=", maxSplits: 1)
                facts[String(parts[0])] = String(parts[1])
            }
            sections.append((String(words[0]), facts, []))
        }
        return sections
    }

    @Test func `every answer gives what it is expected to give`() throws {
        let providers = Set(try Self.paths.map { String($0.prefix { $0 != "/" }) }).sorted()
        #expect(providers.count >= 16)
        for provider in providers {
            let sections = try sections(of: provider)
            #expect(
                Set(sections.map { provider + "/" + $0.file })
                    == Set(try Self.paths.filter { $0.hasPrefix(provider + "/") }))
            for section in sections {
                let result = try Self.read(provider + "/" + section.file, facts: section.facts)
                #expect(result.events.map(ObservationText.line) == section.events, "\(provider)/\(section.file)")
            }
        }
    }

    @Test func `every dialect has an answer among the fixtures`() throws {
        let dialects = [
            "anthropic", "bedrock-converse", "deepseek", "gemini", "kiro", "ollama", "openai-chat", "openai-responses",
            "openrouter", "xai-chat",
        ]
        let providers = Set(try Self.paths.map { String($0.prefix { $0 != "/" }) })
        #expect(providers.isSuperset(of: dialects))
        #expect(Set(ProviderCatalog.standard.names).isSuperset(of: providers))
    }

    @Test func `a body, a stream and its lines are one call by their keys`() throws {
        let calls = try ["anthropic/body.json", "anthropic/stream.sse", "anthropic/stream.ndjson"].map { path in
            try #require(try Self.read(path).observations.first)
        }
        #expect(Set(calls.map(\.keys)) == [["anthropic:msg:msg_01AaAaAaAaAaAaAaAaAaAaAa"]])
        #expect(Set(calls.map { $0.tokens?.totalTokens }) == [Int64(12 + 2310 + 18452 + 830)])
        #expect(Set(calls.map(\.id)).count == 3)
    }

    @Test func `an answer that is sent again is the same observation`() throws {
        for path in try Self.paths {
            let facts = ["session": "s", "time": "2026-11-21T10:00:00Z"]
            let first = try Self.read(path, facts: facts)
            #expect(!first.events.isEmpty)
            #expect(first.events == (try Self.read(path, facts: facts)).events, "\(path)")
        }
    }

    @Test func `what the request says of an answer is kept, the user as the policy says`() throws {
        let facts = [
            "session": "s-9", "harness": "My Gateway", "caller": "subagent", "agent": "Explore", "agent_id": "a1",
            "parent_agent_id": "a0", "project": "p", "repository": "r", "branch": "b", "user": "ann@example.com",
            "team": "t", "host": "h", "ci_run": "c", "model": "other",
        ]
        let call = try #require(try Self.read("openai-chat/body.json", facts: facts).observations.first)
        #expect(call.session == "s-9")
        #expect(call.harness == Harness(rawValue: "my-gateway"))
        #expect(call.reportedModel == "gpt-5-2025-08-07")
        let who = call.attribution
        #expect([who.caller, who.agentName, who.agentID, who.parentAgentID] == ["subagent", "Explore", "a1", "a0"])
        #expect([who.project, who.repository, who.branch, who.team] == ["p", "r", "b", "t"])
        #expect([who.user, who.host, who.ciRun] == ["ann@example.com", "h", "c"])
        let dropped = try Intake(identityPolicy: .drop).readResponses(
            try Self.bytes("openai-chat/body.json"), of: "openai-chat", framing: .json,
            facts: ResponseFacts { facts[$0] }, receivedTime: Intake.noon)
        #expect(dropped.observations.first?.attribution.user == nil)
    }

    @Test func `strangers without a session do not share one`() throws {
        let sources = try ["ann", "bob"].map { user in
            try Self.read("openai-chat/body.json", facts: ["user": user]).observations.first?.scope
        }
        #expect(sources[0] != sources[1])
    }
}
