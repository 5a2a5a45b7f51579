import Metering
import Testing

@testable import Harnesses

/// Who reads what.
struct HarnessCatalogTests {
    /// A made-up harness: all it takes is one type and one place in the catalog.
    private struct Windmill: HarnessReader {
        let harness: Harness? = Harness(rawValue: "windmill")

        func owns(service: String) -> Bool { service == "windmill" }

        func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
            guard record.name.equals("turned"), let grain = try record.attributes.count("grain") else { return [] }
            let id = context.id(of: record)
            let key = CallKey(space: "windmill", kind: .step, value: id.description)
            return [
                context.observation(
                    id, channel: .log, session: record.attributes.text("mill"), time: record.time,
                    content: .call(keys: [key], tokens: TokenCounts(uncachedInput: grain), cost: nil))
            ]
        }
    }

    @Test func `a harness is added with one type and one place in the catalog`() throws {
        let body = OTLPBody.log(
            service: "windmill", event: "turned", [("grain", OTLPBody.int("40")), ("mill", OTLPBody.text("north"))])
        #expect(try Intake.forTests.read(body, .logs).events.isEmpty)
        let intake = Intake(catalog: HarnessCatalog([ClaudeCode(), Windmill()]), identityPolicy: .drop)
        let observation = try #require(try intake.read(body, .logs).observations.first)
        #expect(observation.harness.rawValue == "windmill")
        #expect(observation.session == "north")
        #expect(observation.tokens == TokenCounts(uncachedInput: 40))
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
