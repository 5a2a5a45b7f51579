import Foundation
import Harnesses
import Metering
import Testing

/// Observations in our own public shape.
struct ObservationTests {
    private let intake = Intake.forTests

    private func read(_ body: String, _ framing: ObservationFraming = .json) throws -> IntakeResult {
        try intake.readObservations(Array(body.utf8), framing: framing, receivedTime: Intake.noon)
    }

    static let full = """
        {"id":"e-1","time":"2026-11-21T10:00:00.5Z","harness":"my_gateway","session":"s-1","provider":"Anthropic",\
        "model":"claude-sonnet-4-6","keys":["anthropic:req:req_011","anthropic:msg:msg_01"],\
        "tokens":{"uncached_input":100,"cache_read":200,"cache_write_5m":1,"cache_write_1h":2,"cache_write":3,"output":50,\
        "reasoning":7},"cost":"0.001222500001","service_tier":"priority","speed":"fast","inference_geo":"us",\
        "web_search_requests":2,"attribution":{"caller":"lead","agent_name":"a","agent_id":"b","parent_agent_id":"c",\
        "project":"p","repository":"r","branch":"main","user":"ann","team":"t","host":"h","ci_run":"9"},\
        "trace":{"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","span_id":"00f067aa0ba902b7",\
        "parent_span_id":"00f067aa0ba902b8"}}
        """

    @Test func `every member is read`() throws {
        let result = try read(Self.full)
        #expect(result.accepted == 1)
        let call = try #require(result.observations.first)
        #expect(call.channel == .response)
        #expect(call.harness == Harness(rawValue: "my-gateway"))
        #expect(call.session == "s-1")
        #expect(call.eventTime.description == "2026-11-21T10:00:00.500Z")
        #expect(call.provider == .anthropic)
        #expect(call.model == "claude-sonnet-4-6")
        #expect(Array(call.keys.prefix(2)) == ["anthropic:req:req_011", "anthropic:msg:msg_01"])
        #expect(
            call.tokens
                == TokenCounts(
                    uncachedInput: 100, cacheRead: 200, cacheWrite5m: 1, cacheWrite1h: 2, cacheWrite: 3, output: 50,
                    reasoning: 7))
        #expect(call.cost == Amount(picodollars: 1_222_500_001))
        #expect([call.serviceTier, call.speed, call.inferenceGeo] == ["priority", "fast", "us"])
        #expect(call.webSearchRequests == 2)
        #expect(call.trace?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(call.trace?.parentSpanID == "00f067aa0ba902b8")
        let who = call.attribution
        #expect(
            [who.caller, who.agentName, who.agentID, who.parentAgentID, who.project, who.repository, who.branch]
                == ["lead", "a", "b", "c", "p", "r", "main"])
        #expect([who.user, who.team, who.host, who.ciRun] == ["ann", "t", "h", "9"])
    }

    @Test func `lists, lines and CloudEvents hold the same observations`() throws {
        let second = #"{"keys":["openai:resp:resp_2"],"tokens":{"output":1}}"#
        let inline = try read("[\(Self.full),\(second)]").observations
        #expect(inline.count == 2)
        #expect(try read("\(Self.full)\n\n\(second)\r\n", .lines).observations == inline)
        let events = [Self.full, second].map { data in
            """
            {"specversion":"1.0","id":"ce-1","source":"/gw","type":"tollbook.observation.v1","datacontenttype":\
            "application/json","time":"2026-11-21T10:00:00Z","partition":"x","data":\(data)}
            """
        }
        let batch = try read("[\(events.joined(separator: ","))]", .cloudEvents).observations
        #expect(batch.map(\.tokens) == inline.map(\.tokens))
        #expect(batch[0] == inline[0])
        #expect(batch[1].eventTime.description == "2026-11-21T10:00:00Z")
        #expect(try read(events[0], .cloudEvent).observations == [inline[0]])
    }

    @Test func `a CloudEvent's source and id tell it from others`() throws {
        func event(source: String, id: String, output: Int) -> String {
            """
            {"specversion":"1.0","id":"\(id)","source":"\(source)","type":"tollbook.observation.v1",\
            "data":{"tokens":{"output":\(output)}}}
            """
        }
        let ids = try [
            event(source: "/a", id: "1", output: 1), event(source: "/a", id: "1", output: 2),
            event(source: "/b", id: "1", output: 1), event(source: "/a", id: "2", output: 1),
        ].map { try #require(try read($0, .cloudEvent).observations.first).id }
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 3)
    }

    @Test func `the same content is the same observation, however it is written`() throws {
        let first = try read(#"{"time":"2026-11-21T10:00:00Z","model":"m","tokens":{"output":5,"cache_read":1}}"#)
        let second = try read(
            #"{ "tokens" : {"cache_read":1.0, "output":5}, "model":"m", "time":"2026-11-21T11:00:00+01:00" }"#)
        let other = try read(#"{"time":"2026-11-21T10:00:00Z","model":"m","tokens":{"output":6,"cache_read":1}}"#)
        #expect(first.observations.map(\.id) == second.observations.map(\.id))
        #expect(first.observations.map(\.keys) == second.observations.map(\.keys))
        #expect(first.observations.map(\.id) != other.observations.map(\.id))
    }

    @Test func `N28 one id is one observation and one call, whatever comes under it`() throws {
        let writes = try [10, 10, 11].map { count in
            try #require(try read(#"{"id":"e1","tokens":{"uncached_input":\#(count)}}"#).observations.first)
        }
        #expect(Set(writes.map(\.id)).count == 1)
        #expect(Set(writes.map(\.keys)).count == 1)
    }

    /// Documents that are refused, with the reason and the member; those marked pass the schema, which knows no more.
    static let refused: [(document: String, reason: String, field: String?, passesSchema: Bool)] = [
        ("5", "wrong_type", nil, false), ("null", "wrong_type", nil, false), ("[]", "wrong_type", nil, false),
        (#"{"id":"a","tokens":{"output":-1}}"#, "negative_token_count", "tokens.output", false),
        (#"{"id":"a","tokens":{"output":1.5}}"#, "fractional_token_count", "tokens.output", false),
        (#"{"id":"a","tokens":{"output":"1"}}"#, "wrong_type", "tokens.output", false),
        (#"{"id":"a","tokens":{"output":true}}"#, "wrong_type", "tokens.output", false),
        (#"{"id":"a","tokens":{"output":1000000000001}}"#, "token_count_out_of_range", "tokens.output", false),
        (#"{"id":"a","tokens":{"outputs":1}}"#, "unknown_member", nil, false),
        (#"{"id":"a","token":{"output":1}}"#, "unknown_member", nil, false),
        (#"{"id":"a","tokens":[1]}"#, "wrong_type", "tokens", false),
        (#"{"id":"a","tokens":{}}"#, "no_usage", nil, false), (#"{"id":"a"}"#, "no_usage", nil, false),
        (#"{"id":"a","tokens":{"output":null}}"#, "no_usage", nil, true),
        (#"{"tokens":{"output":1}}"#, "missing_identity", "id", false),
        (#"{"keys":[],"tokens":{"output":1}}"#, "missing_identity", "id", false),
        (#"{"id":"","tokens":{"output":1}}"#, "missing_identity", "id", true),
        (#"{"id":7,"tokens":{"output":1}}"#, "wrong_type", "id", false),
        (#"{"id":"a","cost":0.5}"#, "wrong_type", "cost", false),
        (#"{"id":"a","cost":"1e-3"}"#, "not_a_number", "cost", false),
        (#"{"id":"a","cost":"NaN"}"#, "not_a_number", "cost", false),
        (#"{"id":"a","cost":"01.5"}"#, "not_a_number", "cost", false),
        (#"{"id":"a","cost":"1."}"#, "not_a_number", "cost", false),
        (#"{"id":"a","cost":"0.1234567890123"}"#, "not_a_number", "cost", false),
        (#"{"id":"a","cost":"-0.5"}"#, "negative_cost", "cost", false),
        (#"{"id":"a","cost":"1000001"}"#, "cost_out_of_range", "cost", true),
        (#"{"time":"yesterday","tokens":{"output":1}}"#, "invalid_time", "time", false),
        (#"{"time":1795262400,"tokens":{"output":1}}"#, "wrong_type", "time", false),
        (#"{"keys":["req_1"],"tokens":{"output":1}}"#, "invalid_key", "keys", false),
        (#"{"keys":["anthropic:agg:1"],"tokens":{"output":1}}"#, "invalid_key", "keys", false),
        (#"{"keys":["Anthropic:req:1"],"tokens":{"output":1}}"#, "invalid_key", "keys", false),
        (#"{"keys":[1],"tokens":{"output":1}}"#, "invalid_key", "keys", false),
        (#"{"keys":"anthropic:req:1","tokens":{"output":1}}"#, "wrong_type", "keys", false),
        (#"{"id":"a","tokens":{"output":1},"trace":{"trace_id":"12"}}"#, "invalid_id", "trace.trace_id", false),
        (#"{"id":"a","tokens":{"output":1},"attribution":{"prompt":"x"}}"#, "unknown_member", nil, false),
        (#"{"id":"a","tokens":{"output":1},"attribution":{"user":5}}"#, "wrong_type", "attribution.user", false),
    ]

    @Test func `an item that is wrong is refused alone, by its place and member`() throws {
        for (document, reason, field, _) in Self.refused {
            let result = try read(#"[{"id":"ok","tokens":{"output":1}},\#(document)]"#)
            #expect(result.accepted == 1, "\(document)")
            #expect(result.deadLetters.map(\.reason) == [reason], "\(document)")
            #expect(result.deadLetters.map(\.field) == [field], "\(document)")
            #expect(result.faults.map(\.index) == [1])
            #expect(result.faults.map(\.reason.rawValue) == [reason])
        }
    }

    @Test func `the schema refuses what the reader refuses, and takes what it takes`() throws {
        let schema = try SchemaChecker(ObservationSchema.text)
        for (document, _, _, passes) in Self.refused {
            #expect(try schema.accepts(document) == passes, "\(document)")
        }
        let accepted = [
            Self.full, #"{"id":"a","tokens":{"output":1}}"#, #"{"keys":["x:resp:1"],"cost":"0"}"#,
            #"{"time":"2026-11-21T10:00:00+01:00","tokens":{"uncached_input":0}}"#,
            #"{"id":"a","tokens":{"output":1,"reasoning":null},"session":null,"keys":null,"cost":null,"trace":null}"#,
            #"{"id":"a","cost":"12.345678901234"}"#.replacing("901234", with: "9012"),
        ]
        for document in accepted {
            #expect(try schema.accepts(document), "\(document)")
            #expect(try read(document).accepted == 1, "\(document)")
        }
        // Each member that the full document shows is in the schema, and the schema has no other.
        #expect(try schema.members == Set(SchemaChecker.members(of: Self.full)))
    }

    @Test func `lines that are no JSON are refused and the rest is taken`() throws {
        let good = #"{"id":"a","tokens":{"output":1}}"#
        let deep = "{\"id\":" + String(repeating: "[", count: 100_000)
        let result = try read([good, "{", deep, "\u{0}", good].joined(separator: "\n"), .lines)
        #expect(result.accepted == 2)
        #expect(result.rejected == [.malformedText: 3])
        #expect(result.faults.map(\.index) == [1, 2, 3])
        #expect(throws: ObservationsError.self) { try read("{", .json) }
        let invalid = Array(#"{"id":"a"#.utf8) + [0xFF] + Array(#"","tokens":{"output":1}}"#.utf8)
        #expect(
            try intake.readObservations(invalid, framing: .lines, receivedTime: Intake.noon).rejected
                == [.malformedText: 1])
    }

    @Test func `events of other kinds are refused by name`() throws {
        let data = #"{"tokens":{"output":1}}"#
        for (event, reason) in [
            (#"{"id":"1","source":"/a","type":"tollbook.observation.v1","data":\#(data)}"#, "not_a_cloud_event"),
            (
                #"{"specversion":"0.3","id":"1","source":"/a","type":"tollbook.observation.v1","data":\#(data)}"#,
                "not_a_cloud_event"
            ),
            (
                #"{"specversion":"1.0","source":"/a","type":"tollbook.observation.v1","data":\#(data)}"#,
                "not_a_cloud_event"
            ),
            (
                #"{"specversion":"1.0","id":"1","source":"/a","type":"order.created","data":\#(data)}"#,
                "unknown_event_type"
            ),
            (#"{"specversion":"1.0","id":"1","source":"/a","type":"tollbook.observation.v1"}"#, "missing_value"),
            (
                #"{"specversion":"1.0","id":"1","source":"/a","type":"tollbook.observation.v1","data_base64":"e30="}"#,
                "missing_value"
            ),
        ] {
            #expect(try read(event, .cloudEvent).deadLetters.map(\.reason) == [reason], "\(event)")
        }
    }

    @Test func `nothing of a refused item is kept`() throws {
        let canary = "CANARY-51c0de"
        let bodies = [
            #"{"id":"a","prompt":"\#(canary)","tokens":{"output":1}}"#, #"{"\#(canary)":1}"#,
            #"{"id":"a","tokens":"\#(canary)"}"#, #"{"keys":["\#(canary)"],"tokens":{"output":1}}"#,
        ]
        for body in bodies {
            let result = try read(body)
            #expect(result.observations.isEmpty)
            #expect(result.deadLetters.count == 1)
            for event in result.events {
                #expect(!String(decoding: event.json, as: UTF8.self).contains(canary))
            }
        }
    }
}
