import Harnesses
import Metering
import Testing

/// Counts and costs that cannot be: refused by name, one record at a time.
struct BadNumberTests {
    private let intake = Intake.forTests

    @Test(arguments: [
        (#"{"intValue":-1}"#, "negative_token_count"), (#"{"intValue":"-5"}"#, "negative_token_count"),
        (#"{"doubleValue":-0.5}"#, "negative_token_count"), (#"{"doubleValue":1.5}"#, "fractional_token_count"),
        (#"{"doubleValue":"NaN"}"#, "not_a_number"), (#"{"doubleValue":"Infinity"}"#, "token_count_out_of_range"),
        (#"{"doubleValue":"-Infinity"}"#, "negative_token_count"),
        (#"{"doubleValue":1e300}"#, "token_count_out_of_range"), (#"{"intValue":1e300}"#, "token_count_out_of_range"),
        (#"{"intValue":"99999999999999999999999"}"#, "token_count_out_of_range"),
        (#"{"intValue":1000000000001}"#, "token_count_out_of_range"), (#"{"boolValue":true}"#, "wrong_type"),
        (#"{"intValue":true}"#, "wrong_type"), (#"{"stringValue":"lots"}"#, "not_a_number"),
        (#"{"stringValue":""}"#, "not_a_number"), (#"{"stringValue":"NaN"}"#, "not_a_number"),
        (#"{"stringValue":" 12"}"#, "not_a_number"), (#"{"stringValue":"0x10"}"#, "not_a_number"),
        (#"{"stringValue":"1e300"}"#, "token_count_out_of_range"), (#"{"stringValue":"-3"}"#, "negative_token_count"),
        (#"{"arrayValue":{"values":[{"intValue":1}]}}"#, "wrong_type"), (#"{"bytesValue":"AAAA"}"#, "wrong_type"),
        (#"{"kvlistValue":{"values":[]}}"#, "wrong_type"), (#"{"intValue":{"low":1,"high":0}}"#, "wrong_type"),
    ])
    func `a token count that cannot be spoils its record alone`(value: String, reason: String) throws {
        let records = [value, #"{"intValue":7}"#].map { value in
            #"{"attributes":[{"key":"event.name","value":{"stringValue":"api_request"}},{"key":"input_tokens","value":\#(value)}]}"#
        }
        let body = """
            {"resourceLogs":[{\(OTLPBody.resource("claude-code")),"scopeLogs":[{"logRecords":\
            [\(records.joined(separator: ","))]}]}]}
            """
        let result = try intake.read(body, .logs)
        #expect(result.rejectedCount == 1)
        #expect(result.rejectionSummary == "\(reason) (1)")
        let letter = try #require(result.deadLetters.first)
        #expect(letter.reason == reason)
        #expect(letter.field == "input_tokens")
        #expect(letter.stage == "ingest")
        #expect(letter.harness == Harness(rawValue: "claude-code"))
        #expect(letter.channel == .log)
        #expect(try #require(letter.size) > 0)
        #expect(result.observations.map(\.tokens) == [TokenCounts(uncachedInput: 7)])
    }

    @Test(
        arguments: [
            ("0", 0), ("12", 12), ("12.0", 12), ("1e3", 1000), ("\"12\"", 12), ("\"12.0\"", 12), ("-0.0", 0),
            ("1000000000000", 1_000_000_000_000),
        ] as [(String, Int64)])
    func `a whole count is read however it is written`(text: String, count: Int64) throws {
        let body = OTLPBody.log([("input_tokens", OTLPBody.double(text))])
        #expect(try intake.read(body, .logs).observations.first?.tokens?.uncachedInput == count)
    }

    @Test(arguments: [
        (#"{"doubleValue":-0.01}"#, "negative_cost"), (#"{"doubleValue":"NaN"}"#, "not_a_number"),
        (#"{"doubleValue":1e300}"#, "cost_out_of_range"), (#"{"doubleValue":1000001}"#, "cost_out_of_range"),
        (#"{"stringValue":"free"}"#, "not_a_number"), (#"{"boolValue":false}"#, "wrong_type"),
    ])
    func `a cost that cannot be is refused`(value: String, reason: String) throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.int("1")), ("cost_usd", value)])
        let result = try intake.read(body, .logs)
        #expect(result.deadLetters.map(\.reason) == [reason])
        #expect(result.deadLetters.map(\.field) == ["cost_usd"])
    }

    @Test(arguments: [
        (#"{"doubleValue":0.0091772}"#, "0.0091772"), (#"{"stringValue":"0.0091772"}"#, "0.0091772"),
        (#"{"doubleValue":1e-05}"#, "0.00001"), (#"{"intValue":1}"#, "1"), (#"{"doubleValue":0}"#, "0"),
        (#"{"doubleValue":0.30000000000000004}"#, "0.3"),
    ])
    func `a cost is exact`(value: String, dollars: String) throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.int("1")), ("cost_usd", value)])
        #expect(try intake.read(body, .logs).observations.first?.cost?.description == dollars)
    }

    @Test(arguments: [
        (#""asDouble":-1"#, 1, "negative_token_count"), (#""asDouble":"NaN""#, 1, "not_a_number"),
        (#""asDouble":1.5"#, 2, "fractional_token_count"), (#""flags":1"#, 1, "missing_value"),
        (#""asInt":"7""#, 0, "unknown_temporality"), (#""asInt":true"#, 1, "wrong_type"),
    ])
    func `a point that cannot be is refused`(value: String, temporality: Int, reason: String) throws {
        let body = OTLPBody.metric(
            name: "claude_code.token.usage", temporality: temporality, [(value, [("type", OTLPBody.text("input"))])])
        let result = try intake.read(body, .metrics)
        #expect(result.observations.isEmpty)
        #expect(result.deadLetters.map(\.reason) == [reason])
    }
}
