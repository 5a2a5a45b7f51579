import Harnesses
import Hummingbird
import HummingbirdTesting
import Metering
import Testing

@testable import IngestService

/// Providers' answers and observations of gateways, over HTTP.
@Suite(.timeLimit(.minutes(30)))
struct ResponseAnswerTests {
    private static let body = """
        {"id":"msg_01AaAaAaAaAaAaAaAaAaAaAa","type":"message","model":"claude-opus-4-8","content":[{"text":"CANARY-91"}],\
        "usage":{"input_tokens":12,"output_tokens":830}}
        """
    private static let stream = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_01Stream","model":"m","usage":{"input_tokens":5,"output_tokens":1}}}

        event: message_delta
        data: {"type":"message_delta","usage":{"output_tokens":9}}


        """

    @Test func `an answer is taken with what the request says of it`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let headers: HTTPFields = [
            .contentType: "application/json", try #require(.init("request-id")): "req_011",
            try #require(.init("tollbook-session")): "s-1", try #require(.init("tollbook-agent-id")): "a-7",
        ]
        try await test.run { client in
            let answer = try await client.post(
                "/v1/responses/anthropic?harness=my-gateway", headers, Array(Self.body.utf8))
            #expect(answer.status == .ok)
            #expect(answer.text == #"{"accepted":1,"ignored":0,"rejected":0,"reasons":{}}"#)
            let stream: HTTPFields = [
                .contentType: "text/event-stream; charset=utf-8", .contentEncoding: "gzip",
            ]
            let second = try await client.post(
                "/v1/responses/anthropic?session=s-2", stream, gzip(Array(Self.stream.utf8)))
            #expect(second.status == .ok)
        }
        let calls = try test.eventsOnDisk().compactMap { event -> Observation? in
            if case .observation(let call) = event { call } else { nil }
        }
        #expect(Set(calls.map(\.session)) == ["s-1", "s-2"])
        let first = try #require(calls.first { $0.session == "s-1" })
        #expect(first.channel == .response)
        #expect(first.harness == Harness(rawValue: "my-gateway"))
        #expect(first.attribution.agentID == "a-7")
        guard case .call(let keys, let tokens, _) = first.content else { return }
        #expect(keys.map(\.rawValue) == ["anthropic:req:req_011", "anthropic:msg:msg_01AaAaAaAaAaAaAaAaAaAaAa"])
        #expect(tokens == TokenCounts(uncachedInput: 12, output: 830))
        for (name, bytes) in test.bytesOnDisk() {
            #expect(String(decoding: bytes, as: UTF8.self).contains("CANARY") == false, "\(name)")
        }
        #expect(test.logs.count(of: "CANARY") == 0)
    }

    private static let refusals: [(String, String?, String, Int)] = [
        ("/v1/responses/nobody", "application/json", "{}", 404),
        ("/v1/responses/anthropic", nil, "{}", 415), ("/v1/responses/anthropic", "text/plain", "{}", 415),
        ("/v1/responses/anthropic", "application/json", "{", 400),
        ("/v1/responses/anthropic", "application/json", "", 400),
        ("/v1/responses/openai-chat", "application/json", #"{"usage":{"prompt_tokens":"many"}}"#, 422),
        ("/v1/observations", nil, "{}", 415), ("/v1/observations", "application/json", "nonsense", 400),
        ("/v1/observations", "application/json", #"{"id":"a","tokens":{"output":-1}}"#, 422),
        ("/v1/observations", "application/cloudevents+json", #"{"specversion":"1.0"}"#, 422),
    ]

    @Test(arguments: refusals.indices)
    func `what cannot be used is refused with its reason`(index: Int) async throws {
        let (path, type, body, status) = Self.refusals[index]
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            let headers: HTTPFields = type.map { [.contentType: $0] } ?? [:]
            let answer = try await client.post(path, headers, Array(body.utf8))
            #expect(answer.status.code == status)
            #expect(answer.headers[.contentType]?.hasSuffix("json") == true)
        }
    }

    @Test func `an unknown provider is told which are known`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            let answer = try await client.post("/v1/responses/nobody", Array("{}".utf8))
            #expect(answer.text.contains("openai-responses"))
            let schema = try await client.get("/v1/observations/schema")
            #expect(schema.status == .ok)
            #expect(schema.text == ObservationSchema.text)
            #expect(schema.headers[.contentType] == "application/schema+json")
            let wrong = try await client.post("/v1/observations/schema", [])
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong.headers[.allow] == "GET")
            #expect(try await client.get("/v1/responses/anthropic").status == .methodNotAllowed)
        }
    }

    @Test func `each item of a list is answered for`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            let items = #"[{"id":"1","tokens":{"output":1}},{"id":"2","tokens":{"outptu":1}},{"id":"3","cost":"0.5"}]"#
            let answer = try await client.post("/v1/observations", Array(items.utf8))
            #expect(answer.status == .ok)
            #expect(
                answer.text
                    == #"{"accepted":2,"ignored":0,"rejected":1,"reasons":{"unknown_member":1},"errors":[{"index":1,"reason":"unknown_member"}]}"#
            )
        }
        #expect(try test.eventsOnDisk().count == 3)
    }
}
