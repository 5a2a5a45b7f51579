import Foundation
import Harnesses
import Metering
import Testing

/// What must never leave the core.
struct PrivacyTests {
    private let canary = "CANARY-3f9a1c"
    /// The attributes that are kept as text; everything else may hold anything.
    private let kept: Set<String> = [
        "service.name", "session.id", "model", "request_id", "client_request_id", "speed", "query_source", "agent.name",
        "agent_id", "parent_agent_id", "event.name", "type", "event.sequence", "event.timestamp",
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system", "gen_ai.request.model",
        "gen_ai.response.model", "gen_ai.response.id", "gen_ai.conversation.id", "gen_ai.token.type", "team.id",
        "user.id", "user.email", "user.account_uuid", "user.account_id", "anthropic.provider",
    ]

    /// Puts the canary into every text that is not kept: bodies, other attributes, names of unknown things.
    private func salted(_ value: Any, key: String? = nil) -> Any {
        if let list = value as? [Any] { return list.map { salted($0) } }
        guard var object = value as? [String: Any] else { return value }
        if let key = object["key"] as? String, kept.contains(key) { return object }
        for (name, member) in object {
            if name == "stringValue", let text = member as? String, !text.hasPrefix("claude_code.") {
                object[name] = canary + text
            } else {
                object[name] = salted(member, key: name)
            }
        }
        if var attributes = object["attributes"] as? [[String: Any]] {
            for name in ["prompt", "response", "tool_input", "gen_ai.input.messages", "error", "file.path", canary] {
                attributes.append(["key": name, "value": ["stringValue": canary]])
            }
            attributes.append([
                "key": "gen_ai.output.messages",
                "value": [
                    "arrayValue": [
                        "values": [["kvlistValue": ["values": [["key": canary, "value": ["stringValue": canary]]]]]]
                    ]
                ],
            ])
            object["attributes"] = attributes
        }
        return object
    }

    private func expectNoCanary(_ result: IntakeResult, _ path: String) {
        for event in result.events {
            #expect(!String(decoding: event.json, as: UTF8.self).contains(canary), "\(path)")
        }
    }

    @Test func `no text but the allowed leaves an OTLP request`() throws {
        let paths =
            try Fixture.paths(below: "claude-code", suffix: ".json") + Fixture.paths(below: "genai", suffix: ".json")
        var events = 0
        for path in paths {
            let body = try JSONSerialization.jsonObject(with: Data(try Fixture.bytes(path)))
            let salted = Array(try JSONSerialization.data(withJSONObject: salted(body)))
            for signal in OTLPSignal.allCases {
                let result = try Intake.forTests.read(salted, signal)
                events += result.events.count
                expectNoCanary(result, path)
            }
        }
        #expect(events > 100)
    }

    @Test func `no text but the allowed leaves a session file`() throws {
        let paths = try Fixture.paths(below: "claude-code", suffix: ".jsonl").filter { $0.contains("transcript") }
        var events = 0
        for path in paths {
            var lines: [[UInt8]] = []
            for line in try Fixture.lines(path) {
                guard var entry = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { continue }
                for name in ["content", "toolUseResult", "slug", "error", "attachment", "snapshot", canary] {
                    entry[name] = ["text": canary, canary: [canary]]
                }
                entry["cwd"] = "/home/\(canary)/projects/app"
                if var message = entry["message"] as? [String: Any] {
                    message["content"] = [["type": "text", "text": canary], ["type": canary]]
                    message["stop_reason"] = canary
                    entry["message"] = message
                }
                lines.append(Array(try JSONSerialization.data(withJSONObject: entry)))
            }
            lines.append(Array("{\"broken\":\"\(canary)".utf8))
            let text = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
            let result = try Intake.forTests.readTranscript(
                text, of: Harness(rawValue: "claude-code"), file: "/home/\(canary)/a.jsonl",
                receivedTime: Intake.noon)
            events += result.events.count
            expectNoCanary(result, path)
        }
        #expect(events > 40)
    }

    @Test func `errors and rejections tell no content`() throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.text(canary))])
        let result = try Intake.forTests.read(body, .logs)
        #expect(result.rejectedCount == 1)
        expectNoCanary(result, "rejected")
        #expect(!result.rejectionSummary.contains(canary))
        do {
            _ = try Intake.forTests.read("{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\(canary)", .logs)
            Issue.record("the body is not JSON")
        } catch {
            #expect(!"\(error)".contains(canary))
        }
    }

    @Test func `users are dropped, hashed with a key, or kept`() throws {
        let body = Array(
            OTLPBody.log([("user.email", OTLPBody.text("dev@example.com")), ("output_tokens", OTLPBody.int("1"))]).utf8)
        func user(_ policy: IdentityPolicy) throws -> String? {
            try Intake(identityPolicy: policy).read(body, .logs).observations.first?.attribution.user
        }
        #expect(try user(.drop) == nil)
        #expect(try user(.keep) == "dev@example.com")
        let pseudonym = try #require(try user(.pseudonym(key: [1, 2, 3])))
        #expect(pseudonym.hasPrefix("user-") && !pseudonym.contains("dev"))
        #expect(try user(.pseudonym(key: [1, 2, 3])) == pseudonym)
        #expect(try user(.pseudonym(key: [1, 2, 4])) != pseudonym)
    }

    @Test func `a repository's address loses its password`() throws {
        let address = OTLPBody.text("https://me:\(canary)@git.example.com/team/app.git")
        let body = OTLPBody.log(
            resource: [("vcs.repository.url.full", address)], [("output_tokens", OTLPBody.int("1"))])
        let repository = try Intake.forTests.read(body, .logs).observations.first?.attribution.repository
        #expect(repository == "https://git.example.com/team/app.git")
    }
}
