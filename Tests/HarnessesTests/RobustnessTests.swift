import Harnesses
import Metering
import Testing
import Wire

/// Whatever arrives, reading it ends with a result or an error, and what is sent on can be read.
struct RobustnessTests {
    private let intake = Intake.forTests

    private static let bodies: [(path: String, signal: OTLPSignal)] = [
        ("claude-code/otel-logs/request", .logs), ("claude-code/otel-metrics/request", .metrics),
        ("claude-code/otel-traces/request", .traces), ("genai/otel-traces/request", .traces),
        ("genai/otel-metrics-histogram/request", .metrics), ("genai/otel-events/request", .logs),
    ]

    private func check(_ body: [UInt8], _ signal: OTLPSignal, _ encoding: OTLPEncoding) throws {
        guard let result = try? intake.read(body, signal, encoding) else { return }
        for event in result.events {
            var json = JSONReader(event.json)
            let back = try IngestEvent(from: &json)
            guard case .observation(let observation) = back, let tokens = observation.tokens else { continue }
            for tokenClass in TokenClass.allCases { #expect((tokens[tokenClass] ?? 0) >= 0) }
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: bodies)
    func `every beginning of a body`(path: String, signal: OTLPSignal) throws {
        for (suffix, encoding) in [(".json", OTLPEncoding.json), (".pb", .protobuf)] {
            let body = try Fixture.bytes(path + suffix)
            let step = max(1, body.count / 1500)
            for count in stride(from: 0, through: body.count, by: step) {
                try check(Array(body.prefix(count)), signal, encoding)
            }
        }
    }

    @Test(.timeLimit(.minutes(30))) func `twenty thousand mutations of real bodies`() throws {
        var random = SeededNumbers(state: 20_261_121)
        let originals = try Self.bodies.flatMap { body in
            [
                (try Fixture.bytes(body.path + ".json"), body.signal, OTLPEncoding.json),
                (try Fixture.bytes(body.path + ".pb"), body.signal, .protobuf),
            ]
        }.filter { $0.0.count < 8000 }
        #expect(originals.count >= 6)
        for _ in 0..<20_000 {
            var (body, signal, encoding) = originals[Int.random(in: 0..<originals.count, using: &random)]
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let at = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: body[at] = UInt8.random(in: 0...255, using: &random)
                case 1: body[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: body.remove(at: at)
                case 3: body.insert(contentsOf: [0x22, 0x7B, 0x5B, 0xFF].shuffled(using: &random), at: at)
                default:
                    let end = Int.random(in: at..<body.count, using: &random)
                    body.replaceSubrange(at..<at, with: Array(body[at...end].prefix(200)))
                }
                if body.isEmpty { body = [0] }
            }
            try check(body, signal, encoding)
        }
    }

    @Test(.timeLimit(.minutes(30))) func `mutations of session files`() throws {
        var random = SeededNumbers(state: 7)
        let original = try Fixture.bytes("claude-code/transcript-edge/session.jsonl")
        for _ in 0..<500 {
            var text = original
            for _ in 0..<20 {
                text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let result = try intake.readTranscript(
                text, of: Harness(rawValue: "claude-code"), file: "f", receivedTime: Intake.noon)
            for event in result.events {
                var json = JSONReader(event.json)
                _ = try IngestEvent(from: &json)
            }
        }
    }

    @Test func `nesting is limited`() {
        let json =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"#
            + String(repeating: #"{"arrayValue":{"values":["#, count: 10_000)
        #expect(throws: OTLPError.self) { try intake.read(json, .logs) }
        var value: [UInt8] = [0x08]
        for _ in 0..<200 {
            value = [0x0A] + length(value.count) + value
            value = [0x2A] + length(value.count) + value
        }
        let record = [0x2A] + length(value.count) + value
        let scope = [0x12] + length(record.count) + record
        let group = [0x12] + length(scope.count) + scope
        #expect(throws: OTLPError.self) {
            try intake.read([0x0A] + length(group.count) + group, .logs, .protobuf)
        }
    }

    private func length(_ count: Int) -> [UInt8] {
        count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7F) | 0x80] + length(count >> 7)
    }

    @Test func `an event never outgrows the bus, however long the attributes are`() throws {
        let names = [
            "session.id", "model", "request_id", "client_request_id", "user.email", "agent.name", "agent_id",
            "parent_agent_id", "query_source", "speed", "event.sequence",
        ]
        let resource = ["project", "repository", "branch", "team", "host.name", "ci.run.id"]
        for filler in ["\\u0001", "\\\"", "\\\\", "é", "\u{1F600}", "x"] {
            let long = OTLPBody.text(String(repeating: filler, count: 20_000))
            let body = OTLPBody.log(
                resource: resource.map { ($0, long) }, names.map { ($0, long) } + [("output_tokens", OTLPBody.int("1"))]
            )
            let event = try #require(try intake.read(body, .logs).events.first)
            #expect(event.json.count < Batch.maximumEventBytes / 2)
        }
    }

    @Test func `identities that begin alike stay apart when they are too long to keep`() throws {
        let start = String(repeating: "s", count: 1000)
        let sessions = try ["1", "2"].map { end in
            let body = OTLPBody.log([("session.id", OTLPBody.text(start + end)), ("output_tokens", OTLPBody.int("1"))])
            return try #require(try intake.read(body, .logs).observations.first?.session)
        }
        #expect(sessions[0] != sessions[1])
        #expect(sessions.allSatisfy { $0.utf8.count <= 256 })
    }
}
