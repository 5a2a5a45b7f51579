import Hummingbird
import HummingbirdTesting
import Metering
import Support
import Testing

@testable import IngestService

/// What a client is told, route by route.
@Suite(.timeLimit(.minutes(30)))
struct AnswerTests {
    private static let json: HTTPFields = [.contentType: "application/json; charset=utf-8"]
    private static let protobuf: HTTPFields = [.contentType: "application/x-protobuf"]
    private static let lines: HTTPFields = [.contentType: "application/x-ndjson"]

    private static func compressed(_ headers: HTTPFields, _ encoding: String = "gzip") -> HTTPFields {
        var headers = headers
        headers[.contentEncoding] = encoding
        return headers
    }

    private func negative(_ count: String) -> [UInt8] {
        Array(
            """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},\
            "scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},"logRecords":[{"timeUnixNano":"1787234592345000000",\
            "attributes":[{"key":"event.name","value":{"stringValue":"api_request"}},\
            {"key":"session.id","value":{"stringValue":"s1"}},{"key":"model","value":{"stringValue":"claude-opus-4-5"}},\
            {"key":"input_tokens","value":\(count)}]}]}]}]}
            """.utf8)
    }

    @Test func `both encodings are taken, plain and compressed, and answered in kind`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let (text, binary) = (try Fixture.bytes("0012-logs.json"), try Fixture.bytes("0012-logs.pb"))
        try await test.run { client in
            for (headers, body) in [(Self.json, text), (Self.compressed(Self.json), gzip(text))] {
                let answer = try await client.post("/v1/logs", headers, body)
                #expect(answer.status == .ok)
                #expect(answer.headers[.contentType] == "application/json")
                #expect(answer.text == "{}")
            }
            for (headers, body) in [(Self.protobuf, binary), (Self.compressed(Self.protobuf), gzip(binary))] {
                let answer = try await client.post("/v1/logs", headers, body)
                #expect(answer.status == .ok)
                #expect(answer.headers[.contentType] == "application/x-protobuf")
                #expect(answer.bytes == [])
            }
        }
        let events = try test.eventsOnDisk()
        #expect(events.count >= 4)
        #expect(Set(events.map(\.id)).count == events.count / 4)
    }

    @Test func `a body without bytes reports nothing and is fine`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
                for headers in [Self.json, Self.protobuf, Self.compressed(Self.json)] {
                    let status = try await client.post(path, headers, []).status
                    #expect(status == .ok)
                }
            }
        }
    }

    private static let refusals: [(String, HTTPFields, [UInt8], Int)] = [
        ("/v1/logs", json, Array(#"{"resourceLogs":[{"#.utf8), 400),
        ("/v1/logs", json, Array("[]".utf8), 400),
        ("/v1/logs", json, Array("nonsense".utf8), 400),
        ("/v1/metrics", json, [0xFF, 0xFE], 400),
        ("/v1/traces", protobuf, [0x0A, 0x7F, 0x01], 400),
        ("/v1/traces", protobuf, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 400),
        ("/v1/logs", compressed(json), Array("{}".utf8), 400),
        ("/v1/logs", compressed(json), Array(gzip(Array("{}".utf8)).dropLast()), 400),
        ("/v1/logs", compressed(json), gzip(Array("{}".utf8)) + [1, 2, 3], 400),
        ("/v1/logs", compressed(json, "br"), Array("{}".utf8), 415),
        ("/v1/logs", [:], Array("{}".utf8), 415),
        ("/v1/logs", [.contentType: "text/plain"], Array("{}".utf8), 415),
        ("/v1/logs", [.contentType: "application/x-www-form-urlencoded"], Array("{}".utf8), 415),
        ("/v1/transcripts/claude-code", json, Array("{}".utf8), 415),
        ("/v1/transcripts/claude-code", [.contentType: "text/plain"], Array("{}".utf8), 415),
        ("/v1/transcripts/no-such-harness", lines, Array("{}".utf8), 404),
        ("/v1/results/no-such-harness", lines, Array("{}".utf8), 404),
        ("/v1/transcripts/%2e%2e%2fetc", lines, Array("{}".utf8), 404),
        ("/v1/profiles", json, Array("{}".utf8), 404),
        ("/", json, Array("{}".utf8), 404),
    ]

    @Test func `what can never succeed is refused for good, with a reason`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            for (path, headers, body, status) in Self.refusals {
                let answer = try await client.post(path, headers, body)
                #expect(answer.status.code == status, "\(path) \(headers)")
                #expect(answer.headers[.retryAfter] == nil)
                #expect(answer.body.readableBytes > 10)
                if headers == Self.protobuf {
                    #expect(answer.headers[.contentType] == "application/x-protobuf")
                    #expect(answer.bytes.starts(with: [0x08, 3, 0x12]))
                }
                if path == "/v1/logs", headers == Self.json { #expect(answer.text.hasPrefix(#"{"code":3,"message":"#)) }
            }
        }
        #expect(try test.eventsOnDisk().isEmpty)
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "PURGE"])
    func `only POST reaches a receiver`(method: String) async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let method = try #require(HTTPRequest.Method(method))
        try await test.run { client in
            for path in ["/v1/logs", "/v1/metrics", "/v1/traces", "/v1/transcripts/claude-code"] {
                let answer = try await client.execute(uri: path, method: method) { $0 }
                #expect(answer.status == .methodNotAllowed)
                #expect(answer.headers[.allow] == "POST")
            }
        }
    }

    @Test(arguments: [
        (#"{"intValue":"-5"}"#, "negative_token_count"), (#"{"doubleValue":"NaN"}"#, "not_a_number"),
        (#"{"doubleValue":1e300}"#, "token_count_out_of_range"), (#"{"boolValue":true}"#, "wrong_type"),
        (#"{"stringValue":"CANARY-77"}"#, "not_a_number"),
    ])
    func `a record that cannot be used is named by its reason and kept without its content`(
        value: String, reason: String
    ) async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = negative(value)
        try await test.run { client in
            let answer = try await client.post("/v1/logs", Self.json, body)
            #expect(answer.status == .ok)
            #expect(
                answer.text
                    == #"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"1 rejected: \#(reason) (1)"}}"#)
        }
        let events = try test.eventsOnDisk()
        guard case .deadLetter(let letter)? = events.first, events.count == 1 else {
            Issue.record("one dead letter expected, found \(events.count) events")
            return
        }
        #expect(letter.reason == reason && letter.stage == "ingest" && letter.channel == .log)
    }

    @Test func `lines of a session file are counted in the answer`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let session = try Fixture.bytes("session.jsonl")
        try await test.run { client in
            let answer = try await client.post(
                "/v1/transcripts/claude-code", Self.lines, session + Array("{broken\n".utf8))
            #expect(answer.status == .ok)
            #expect(answer.text.hasSuffix(#""rejected":1,"reasons":{"malformed_line":1}}"#), "\(answer.text)")
            #expect(!answer.text.hasPrefix(#"{"accepted":0,"#))
        }
        let channels = try test.eventsOnDisk().map { event in
            switch event {
            case .observation(let observation): observation.channel
            case .deadLetter(let letter): letter.channel
            }
        }
        #expect(channels.count > 1 && channels.allSatisfy { $0 == .transcript })
    }

    @Test func `whatever comes, the answer is never 500`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let seeds = try ["0012-logs.json", "0013-metrics.json", "0012-logs.pb", "0013-metrics.pb"].map(Fixture.bytes)
        try await test.run { client in
            var random = SeededRandom(seed: 20_261_128)
            for round in 0..<600 {
                var body = seeds[round % seeds.count]
                for _ in 0...Int.random(in: 0...8, using: &random) {
                    body[Int.random(in: body.indices, using: &random)] = .random(in: .min ... .max, using: &random)
                }
                body = Array(body.prefix(Int.random(in: 0...body.count, using: &random)))
                let path = ["/v1/logs", "/v1/metrics", "/v1/traces"].randomElement(using: &random) ?? "/"
                let headers = round % 4 < 2 ? Self.json : Self.protobuf
                let status = try await client.post(path, headers, body).status.code
                #expect([200, 400].contains(status), "\(status) for \(path) \(headers)")
            }
            try await client.wait(for: "/livez", status: .ok)
        }
    }
}

extension IngestEvent {
    var id: ContentID {
        switch self {
        case .observation(let observation): observation.id
        case .deadLetter(let letter): letter.id
        }
    }
}
