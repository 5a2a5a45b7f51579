import Metering
import Testing

@testable import Harnesses

/// Whose command a command line runs.
struct AgentCommandTests {
    @Test(arguments: [
        ("claude -p hello", "claude-code", nil), ("/usr/local/bin/claude --resume abc -p x", "claude-code", "abc"),
        ("timeout 60 env A=1 claude -r abc -p x", "claude-code", "abc"),
        ("claude --resume=abc --fork-session -p x", "claude-code", "abc"), ("claude --resume -p x", "claude-code", nil),
        ("codex exec resume abc hello", "codex", "abc"), ("gemini -p hello", "gemini-cli", nil),
        ("echo hello", nil, nil), ("", nil, nil),
    ])
    func `the words tell the agent and the conversation it goes on with`(
        line: String, harness: String?, parent: String?
    ) {
        let agent = HarnessCatalog.standard.agent(runBy: line.split(separator: " ").map(String.init))
        #expect(agent?.harness.rawValue == harness)
        #expect(agent?.parentSession == parent)
    }

    @Test(arguments: [
        ("1", true), ("TRUE", true), ("0", false), (nil, false),
    ])
    func `a setting is as wanted or not`(value: String?, isMet: Bool) {
        let requirement = AgentTelemetry.Requirement("A", "B", wanted: .oneOf(["1", "true"]))
        #expect(requirement.isMet(by: { $0 == "B" ? value : nil }, isEndpoint: { _ in false }) == isMet)
    }

    @Test func `the lines an agent is told to set are what switches its telemetry on`() throws {
        let setups = HarnessCatalog.standard.agents.compactMap(\.telemetry)
        #expect(setups.count >= 4)
        for setup in setups {
            let lines = setup.lines(endpoint: "http://127.0.0.1:4318")
            #expect(lines.contains { $0.contains("http://127.0.0.1:4318") })
            #expect(lines.allSatisfy { !$0.contains("{endpoint}") })
            // Variables say it themselves; a file's lines are looked at where files are read.
            var settings: [String: String] = [:]
            for line in lines where line.hasPrefix("export ") {
                let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1).map(String.init)
                settings[parts[0]] = parts[1]
            }
            guard !settings.isEmpty else { continue }
            for requirement in setup.common + setup.channels.flatMap(\.requirements) {
                let isMet = requirement.isMet(by: { settings[$0] }, isEndpoint: { $0 == "http://127.0.0.1:4318" })
                #expect(isMet, "\(requirement.names)")
            }
        }
    }

    @Test func `lists and addresses are compared as programs read them`() {
        let list = AgentTelemetry.Requirement("A", wanted: .list(has: "otlp"))
        #expect(list.isMet(by: { _ in "console, otlp" }, isEndpoint: { _ in false }))
        #expect(!list.isMet(by: { _ in "otlp2" }, isEndpoint: { _ in false }))
        let address = AgentTelemetry.Requirement("A", wanted: .endpoint(path: "/v1/logs"))
        #expect(address.isMet(by: { _ in "http://x:1/v1/logs/" }, isEndpoint: { $0 == "http://x:1" }))
        #expect(!address.isMet(by: { _ in "http://x:1" }, isEndpoint: { $0 == "http://x:1" }))
    }
}
