import Foundation
import Harnesses
import Metering
import Testing

/// The two encodings of OTLP; the protobuf fixtures were written by the reference implementation.
struct EncodingTests {
    private let intake = Intake.forTests

    private static var pairs: [String] {
        get throws {
            try Fixture.paths(below: "claude-code", suffix: ".pb") + Fixture.paths(below: "genai", suffix: ".pb")
        }
    }

    private func signal(of body: [UInt8]) throws -> OTLPSignal {
        let text = String(decoding: body.prefix(64), as: UTF8.self)
        if text.contains("resourceLogs") { return .logs }
        return text.contains("resourceSpans") ? .traces : .metrics
    }

    @Test func `protobuf written by the reference implementation reads like its JSON form, identities included`() throws
    {
        let paths = try Self.pairs
        #expect(paths.count == 11)
        for path in paths {
            let json = try Fixture.bytes(path.replacing(".pb", with: ".json"))
            let signal = try signal(of: json)
            let fromJSON = try intake.read(json, signal)
            let fromProtobuf = try intake.read(try Fixture.bytes(path), signal, .protobuf)
            #expect(!fromJSON.events.isEmpty, "\(path)")
            #expect(fromJSON.events == fromProtobuf.events, "\(path)")
            #expect(fromJSON.ignored == fromProtobuf.ignored)
        }
    }

    /// The requests of every harness, in JSON.
    private static var requests: [(path: String, body: [UInt8])] {
        get throws {
            try FixtureInput.all().filter { $0.isRequest && !$0.path.hasSuffix(".pb") }.flatMap { input in
                let text = try Fixture.bytes(input.path)
                let bodies = input.hasLines ? text.split(separator: UInt8(ascii: "\n")).map(Array.init) : [text]
                return bodies.map { (input.path, $0) }
            }
        }
    }

    @Test func `every harness's telemetry says in protobuf what it says in JSON`() throws {
        var harnesses: Set<Substring> = []
        for (path, json) in try Self.requests {
            let signal = try signal(of: json)
            let fromJSON = try intake.read(json, signal)
            let fromProtobuf = try intake.read(try OTLPTranscoder.protobuf(of: json), signal, .protobuf)
            #expect(fromJSON.events == fromProtobuf.events, "\(path)")
            #expect(fromJSON.ignored == fromProtobuf.ignored, "\(path)")
            if !fromJSON.events.isEmpty { harnesses.insert(path.prefix { $0 != "/" }) }
        }
        #expect(harnesses.isSuperset(of: ["claude-code", "codex", "copilot", "gemini-cli", "opencode", "qwen-code"]))
        #expect(harnesses.count >= 9)
    }

    @Test func `members may come in any order`() throws {
        let attributes =
            #"[{"value":{"intValue":"5"},"key":"output_tokens"},{"key":"event.name","value":{"stringValue":"api_request"}}]"#
        let record = #"{"attributes":\#(attributes),"timeUnixNano":"1787234592345000000"}"#
        let resource = #""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]}"#
        let forward =
            #"{"resourceLogs":[{\#(resource),"scopeLogs":[{"scope":{"name":"s"},"logRecords":[\#(record)]}]}]}"#
        let backward =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(record)],"scope":{"name":"s"}}],\#(resource)}]}"#
        let first = try intake.read(forward, .logs)
        #expect(first.observations.count == 1)
        #expect(try intake.read(backward, .logs).events == first.events)
    }

    @Test func `unknown members, nulls and missing parts are passed over`() throws {
        let body = #"""
            {"new":{"a":[1,2,{"b":null}]},"resourceLogs":[{"resource":null,"scopeLogs":null,"schemaUrl":"x"},
            {"scopeLogs":[{"scope":null,"logRecords":[null,{"body":null,"attributes":null,"flags":1}]}]}]}
            """#
        let result = try intake.read(body, .logs)
        #expect(result.events.isEmpty)
        #expect(result.ignored == 2)
        #expect(try intake.read("{}", .logs).ignored == 0)
        #expect(try intake.read([], .traces, .protobuf).ignored == 0)
    }

    @Test(arguments: ["", "[", "{", "null", "[]", #"{"resourceLogs":{}}"#, #"{"resourceLogs":[]} x"#, "\u{FEFF}{}"])
    func `a body that is not an OTLP request is refused`(body: String) {
        #expect(throws: OTLPError.self) { try intake.read(body, .logs) }
    }

    @Test(
        arguments: [
            [0x0A], [0x0A, 0x05, 0x00], [0x00], [0x0C], [0x0B, 0x08], [0x0B, 0x14], [0x80, 0x80, 0x80],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x09, 0x00],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ] as [[UInt8]])
    func `a body that is not a protobuf message is refused`(body: [UInt8]) {
        #expect(throws: OTLPError.self) { try intake.read(body, .logs, .protobuf) }
    }

    @Test func `groups and unknown fields in protobuf are passed over`() throws {
        // Field 15: a group holding a varint, a group within it, and its end; then an unknown fixed32.
        let unknown: [UInt8] = [0x7B, 0x08, 0x01, 0x83, 0x01, 0x84, 0x01, 0x7C, 0x7D, 1, 2, 3, 4]
        let body = try Fixture.bytes("claude-code/otel-logs/request.pb")
        let plain = try intake.read(body, .logs, .protobuf)
        #expect(try intake.read(unknown + body + unknown, .logs, .protobuf).events == plain.events)
    }

    @Test func `more events than one request may hold refuse it whole`() throws {
        let record =
            #"{"attributes":[{"key":"event.name","value":{"stringValue":"api_request"}},{"key":"output_tokens","value":{"intValue":1}}]}"#
        let records = repeatElement(record, count: Intake.maximumEvents + 1).joined(separator: ",")
        let body =
            #"{"resourceLogs":[{\#(OTLPBody.resource("claude-code")),"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
        #expect(throws: OTLPError.tooManyRecords(limit: Intake.maximumEvents)) { try intake.read(body, .logs) }
    }

    @Test func `a record with too many values is rejected and takes no others with it`() throws {
        let many = (0..<5000).map { ("a\($0)", OTLPBody.int("1")) }
        let usage = [("output_tokens", OTLPBody.int("1"))]
        #expect(try intake.read(OTLPBody.log(usage + many), .logs).rejected == [.tooManyValues: 1])
        #expect(try intake.read(OTLPBody.log(event: "tool_result", many), .logs).rejected.isEmpty)
    }

    @Test func `answers follow the request's encoding and name reasons only`() throws {
        let bad = try intake.read(OTLPBody.log([("output_tokens", OTLPBody.int("-1"))]), .logs)
        #expect(
            String(decoding: OTLPAnswer.accepted(bad, signal: .logs, encoding: .json), as: UTF8.self)
                == #"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"1 rejected: negative_token_count (1)"}}"#
        )
        let text = Array("1 rejected: negative_token_count (1)".utf8)
        #expect(
            OTLPAnswer.accepted(bad, signal: .logs, encoding: .protobuf) == [
                0x0A, UInt8(text.count + 4), 0x08, 0x01, 0x12, UInt8(text.count),
            ] + text)
        let good = try intake.read(OTLPBody.log([("output_tokens", OTLPBody.int("1"))]), .logs)
        #expect(OTLPAnswer.accepted(good, signal: .logs, encoding: .json) == Array("{}".utf8))
        #expect(OTLPAnswer.accepted(good, signal: .logs, encoding: .protobuf).isEmpty)
        #expect(
            String(
                decoding: OTLPAnswer.refused(code: .invalidArgument, message: "no", encoding: .json), as: UTF8.self)
                == #"{"code":3,"message":"no"}"#)
        #expect(
            OTLPAnswer.refused(code: .unavailable, message: "no", encoding: .protobuf) == [0x08, 14, 0x12, 2]
                + Array("no".utf8))
    }
}
