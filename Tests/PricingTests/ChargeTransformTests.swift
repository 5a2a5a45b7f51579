import Ledger
import Logging
import Metering
import Pipeline
import PriceSheets
import Rating
import Testing
import Wire
import ZeroMQ

@testable import PricingService

@Suite struct ChargeTransformTests {
    private static func call(_ number: Int64, model: String?, tokens: TokenCounts) throws -> Call {
        var call = Call(
            number: number, key: CallKey(rawValue: "anthropic:req:r\(number)"), revision: 1, reason: .first,
            scope: Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s"),
            eventTime: try #require(Timestamp(rfc3339: "2026-11-18T12:00:00Z")), tokens: tokens, quality: .exact)
        call.provider = .anthropic
        call.model = model
        call.webSearchRequests = 1
        call.evidence = Evidence(items: [
            Evidence.Item(
                observation: ContentID(high: 1, low: 2), channel: .log, eventTime: call.eventTime, tokens: tokens,
                cost: nil, verdict: .counted, rule: "channel-authority")
        ])
        return call
    }

    private static func transform() throws -> ChargeTransform {
        let book = PriceBook(list: try PriceSheets.embedded())
        return ChargeTransform(prices: CurrentPrices(book), logger: Logger(label: "test"))
    }

    private static func frame(_ events: [[UInt8]]) -> [UInt8] {
        Batch.encode(stream: "1b671a64-40d5-491e-99b0-da01ff1f3341", first: 5, low: 2, events: events)
    }

    private static func transformed(_ events: [[UInt8]]) throws -> [[UInt8]] {
        var transform = try transform()
        let batch = try Batch(decoding: frame(events))
        return (0..<events.count).map { index in
            var json = JSONWriter()
            transform.transform(batch, index, into: &json)
            return json.bytes
        }
    }

    @Test func `reconciliation records pass as they are, with calls or without`() throws {
        let scope = Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s")
        let record = ReconciliationRecord(
            scope: scope, revision: 1, policy: "authority", owned: ["output"], entries: [], coverage: [])
        for calls in [[], [try Self.call(1, model: "claude-opus-4-6", tokens: TokenCounts(output: 6))]] {
            let event = CallTransaction(calls: calls, reconciliations: [record]).json
            let transformed = String(decoding: try #require(try Self.transformed([event]).first), as: UTF8.self)
            let text = String(decoding: event, as: UTF8.self)
            let records = try #require(text.firstRange(of: #""reconciliations":"#))
            #expect(transformed.hasSuffix(String(text[records.lowerBound...])))
            #expect(transformed.hasPrefix(#"{"charges":["#))
        }
    }

    @Test func `the calls of a transaction stay together, each with its own bytes and a price`() throws {
        let calls = [
            try Self.call(1, model: "claude-opus-4-6", tokens: TokenCounts(uncachedInput: 6, output: 6)),
            try Self.call(2, model: "claude-opus-4-60", tokens: TokenCounts(output: 1)),
            try Self.call(3, model: "<synthetic>", tokens: TokenCounts(output: 0)),
        ]
        let event = try #require(try Self.transformed([CallTransaction(calls: calls).json]).first)
        var json = JSONReader(event)
        let charges = try ChargeTransaction(from: &json).charges
        #expect(charges.map(\.call) == calls)
        #expect(charges.map(\.rating.status) == [.priced, .unpriced, .notACall])
        #expect(charges[0].rating.cost?.description == "0.01018")
        #expect(charges[0].rating.fees?.description == "0.01")
        #expect(charges[0].rating.costByClass[.output]?.description == "0.00015")
        #expect(charges[0].rating.row == "anthropic/claude-opus-4-6@2026-03-13T00:00:00Z")
        #expect(charges[1].rating.reason == "unknown_model")
        #expect(charges[1].rating.cost == nil)
    }

    @Test func `the rating is the one the core gives`() throws {
        let call = try Self.call(1, model: "claude-sonnet-4-5", tokens: TokenCounts(cacheWrite: 9, output: 3))
        var json = JSONReader(try #require(try Self.transformed([CallTransaction(calls: [call]).json]).first))
        var rater = Rater(book: PriceBook(list: try PriceSheets.embedded()))
        #expect(try ChargeTransaction(from: &json).charges.first?.rating == rater.rate(call))
    }

    @Test(arguments: [
        #"{"calls":[{"model":"m"}]}"#, #"{"calls":[{"event_time":"2026-11-18T12:00:00Z","rating":{}}]}"#, #"{"x":1}"#,
        #"[1]"#, #"null"#, #"{"calls":{}}"#,
        #"{"calls":[{"event_time":"2026-11-18T12:00:00Z","tokens":{"output":1.5}}]}"#,
    ])
    func `an event that is no transaction goes through as it is, for query to record`(event: String) throws {
        #expect(try Self.transformed([Array(event.utf8)]) == [Array(event.utf8)])
    }

    @Test func `members that pricing does not know pass through`() throws {
        let event = #"{"v":2,"calls":[{"future":{"a":[1,"\"}"]},"event_time":"2026-11-18T12:00:00Z"}]}"#
        let text = String(decoding: try #require(try Self.transformed([Array(event.utf8)]).first), as: UTF8.self)
        #expect(
            text.hasPrefix(#"{"charges":[{"future":{"a":[1,"\"}"]},"event_time":"2026-11-18T12:00:00Z","rating":{"#))
    }

    @Test func `a retracted call costs nothing and needs no model`() throws {
        var call = try Self.call(1, model: nil, tokens: TokenCounts())
        call.isRetracted = true
        var json = JSONReader(try #require(try Self.transformed([CallTransaction(calls: [call]).json]).first))
        let rating = try #require(try ChargeTransaction(from: &json).charges.first?.rating)
        #expect(rating.status == .priced)
        #expect(rating.cost == .zero)
    }

    @Test(.timeLimit(.minutes(30))) func `a relay keeps stream and numbers over real sockets`() throws {
        let context = try Context()
        let anyPort = try #require(Endpoint("tcp://127.0.0.1:*"))
        let dedupe = try Socket<Push>(in: context)
        let calls = try dedupe.bind(anyPort)
        let query = try Socket<Pull>(in: context)
        let charges = try query.bind(anyPort)
        var relay = try Relay(
            .init(source: try Link(.connect, "\(calls)"), destination: try Link(.connect, "\(charges)")),
            transform: try Self.transform(), in: try StageEnvironment())
        let call = try Self.call(1, model: "claude-opus-4-6", tokens: TokenCounts(output: 6))
        let sent = Self.frame([CallTransaction(calls: [call]).json, Array("[]".utf8)])
        while try !dedupe.send(sent) {}
        while true {
            _ = try relay.turn(Turn(clock: .system))
            guard let message = try query.receive() else { continue }
            let batch = try Batch(decoding: message.withUnsafeBytes { Array($0) })
            #expect(batch.stream == "1b671a64-40d5-491e-99b0-da01ff1f3341")
            #expect([batch.first, batch.low, batch.last] == [5, 2, 6])
            var json = batch.reader(0)
            #expect(try ChargeTransaction(from: &json).charges.first?.rating.status == .priced)
            #expect(Array(batch.bytes(1)) == Array("[]".utf8))
            return
        }
    }
}
