import Metering
import Testing
import Wire

@Suite struct `Events on the bus` {
    static let id = ContentID(high: 0x0123_4567_89AB_CDEF, low: 42)
    static let time = Timestamp(nanoseconds: 1_795_221_343_980_000_001)

    static func call() -> Observation {
        let content = Observation.Content.call(
            keys: [CallKey(rawValue: "anthropic:req:r1"), CallKey(rawValue: "anthropic:msg:m1")],
            tokens: TokenCounts(uncachedInput: 0, cacheRead: 5, output: .max), cost: Amount(picodollars: 1))
        var observation = Observation(
            id: id, tenant: "acme", harness: Harness(rawValue: "claude-code"), session: "s \"1\"", channel: .log,
            source: "otlp", eventTime: time, receivedTime: time, content: content)
        observation.provider = .anthropic
        observation.model = "claude-opus-4-6"
        observation.reportedModel = "claude-opus-4-6[1m]"
        observation.serviceTier = "standard"
        observation.speed = "fast"
        observation.inferenceGeo = "us"
        observation.webSearchRequests = 2
        observation.authority = 3
        observation.pairing = ContentID(high: 7, low: 8)
        observation.billedParts = [
            TokenCounts(uncachedInput: 0, output: 1), TokenCounts(cacheRead: 5, output: .max - 1),
        ]
        observation.attribution.team = "platform"
        observation.attribution.ciRun = "github_actions/1"
        observation.trace = TraceContext(traceID: "t", spanID: "s", parentSpanID: "p")
        return observation
    }

    static func aggregate(_ measure: AggregatePoint.Measure) -> Observation {
        let point = AggregatePoint(
            series: id, group: ContentID(high: 1, low: .max), measure: measure, start: nil, end: time,
            temporality: .cumulative, value: .max)
        return Observation(
            id: id, harness: Harness(rawValue: "codex"), session: nil, channel: .metric, source: "p1", eventTime: time,
            receivedTime: time, content: .aggregate(point))
    }

    static func forked() -> Observation {
        let point = AggregatePoint(
            series: id, group: ContentID(high: 1, low: .max), measure: .tokens(.output, within: nil), start: nil,
            end: time, temporality: .highWater, value: 12,
            baseline: AggregatePoint.Baseline(series: ContentID(high: 5, low: 6), at: time))
        return Observation(
            id: id, harness: Harness(rawValue: "codex"), session: "fork", channel: .transcript, source: "p1",
            eventTime: time, receivedTime: time, content: .aggregate(point))
    }

    @Test func `observations and dead letters read back whole`() throws {
        var letter = DeadLetter(id: Self.id, stage: "ingest", reason: "negative_token_count", time: Self.time)
        letter.harness = Harness(rawValue: "claude-code")
        letter.channel = .metric
        letter.field = "value"
        letter.size = 120
        let events: [IngestEvent] = [
            .observation(Self.call()), .observation(Self.aggregate(.cost)),
            .observation(Self.aggregate(.tokens(.cacheRead, within: .uncachedInput))),
            .observation(Self.aggregate(.tokens(.output, within: nil))), .observation(Self.forked()),
            .deadLetter(letter),
        ]
        for event in events {
            var json = JSONReader(event.json)
            #expect(try IngestEvent(from: &json) == event)
        }
    }

    @Test func `observations written before series had baselines and calls had pairings are read`() throws {
        var old = Self.call()
        old.pairing = nil
        var call = JSONReader(
            text(of: Self.call()).replacing(#""pairing":"\#(ContentID(high: 7, low: 8))","#, with: ""))
        #expect(try IngestEvent(from: &call) == .observation(old))

        var point = JSONReader(
            #"{"kind":"observation","id":"\#(Self.id)","received_time":"\#(Self.time)","harness":"codex","#
                + #""channel":"metric","event_time":"\#(Self.time)","point":{"series":"\#(Self.id)","group":"\#(Self.id)","#
                + #""measure":"output","end":"\#(Self.time)","temporality":"cumulative","value":"5"}}"#)
        guard case .observation(let observation) = try IngestEvent(from: &point),
            case .aggregate(let read) = observation.content
        else { throw JSONError(.invalidValue, at: 0) }
        #expect(read.baseline == nil)
        #expect(read.value == 5)
    }

    @Test func `a baseline without its parent is refused`() {
        let text = text(of: Self.forked()).replacing(#""series":"\#(ContentID(high: 5, low: 6))","#, with: "")
        var json = JSONReader(text)
        #expect { _ = try IngestEvent(from: &json) } throws: { ($0 as? JSONError)?.member == "baseline" }
    }

    private func text(of observation: Observation) -> String {
        String(decoding: IngestEvent.observation(observation).json, as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"kind":"observation"}"#, "id"), (#"{"kind":"other","id":"ID","received_time":"T"}"#, "kind"),
        (#"{"kind":"observation","id":"ID","received_time":"T"}"#, "harness"),
        (
            #"{"kind":"observation","id":"ID","received_time":"T","harness":"h","channel":"log","event_time":"T"}"#,
            "keys"
        ),
        (
            #"{"kind":"observation","id":"ID","received_time":"T","harness":"h","channel":"log","event_time":"T","#
                + #""keys":["a:req:b"],"tokens":{"output":-1}}"#, "tokens"
        ),
    ])
    func `an incomplete observation is refused with the member's name`(text: String, member: String) {
        let filled = text.replacing("\"ID\"", with: "\"\(Self.id)\"").replacing("\"T\"", with: "\"\(Self.time)\"")
        var json = JSONReader(filled)
        #expect { _ = try IngestEvent(from: &json) } throws: { ($0 as? JSONError)?.member == member }
    }

    @Test func `calls read back whole`() throws {
        var call = Call(
            number: 7, key: CallKey(rawValue: "anthropic:req:r1"), revision: 3, reason: .superseded,
            scope: Scope(
                tenant: "acme", harness: Harness(rawValue: "claude-code"), session: "unknown:x", isSessionKnown: false),
            eventTime: Self.time, tokens: TokenCounts(cacheWrite5m: 1, cacheWrite1h: 2, reasoning: 3), quality: .merged)
        call.isRetracted = true
        call.replacement = CallKey(rawValue: "anthropic:req:r0")
        call.reportedCost = Amount(picodollars: -5)
        call.billedParts = [TokenCounts(cacheWrite5m: 1), TokenCounts(cacheWrite1h: 2)]
        call.attribution.agentName = "Explore"
        call.evidence = Evidence(
            items: [
                Evidence.Item(
                    observation: Self.id, channel: .transcript, session: "other", eventTime: Self.time,
                    tokens: TokenCounts(output: 1), cost: nil, verdict: .conflicting, rule: "channel-authority")
            ], omitted: [.duplicate: 9])
        let transaction = CallTransaction(calls: [call, call])
        var json = JSONReader(transaction.json)
        #expect(try CallTransaction(from: &json) == transaction)
    }

    @Test func `reconciliation records read back whole`() throws {
        let scope = Scope(
            tenant: "acme", harness: Harness(rawValue: "codex"), session: "unknown:p", isSessionKnown: false)
        let record = ReconciliationRecord(
            scope: scope, revision: 3, policy: "authority", owned: ["output", "cost"],
            entries: [
                ReconciliationRecord.Entry(
                    channel: .log, field: "output", counted: Int128(Int64.max) * 8, duplicate: 1, superseded: 2,
                    conflicting: 3),
                ReconciliationRecord.Entry(
                    channel: .metric, field: "cost", counted: 0, duplicate: 0, superseded: 1_500_000_000_001,
                    conflicting: 0),
            ],
            coverage: [ReconciliationRecord.Coverage(field: "cost", aggregates: 5, calls: 7)])
        let transaction = CallTransaction(calls: [], reconciliations: [record])
        var json = JSONReader(transaction.json)
        #expect(try CallTransaction(from: &json) == transaction)
        let text = String(decoding: transaction.json, as: UTF8.self)
        #expect(text.contains(#""superseded":"1.500000000001""#), "money is in US dollars")
        #expect(text.contains(#""residual":"-0.000000000002""#))
        #expect(text.contains(#""seen":"73786976294838206462""#), "sums may pass 64 bits")
    }

    @Test func `scopes without a session are kept apart by their source`() {
        let scope = Self.aggregate(.cost).scope
        #expect(scope.session == "unknown:p1")
        #expect(!scope.isSessionKnown)
        #expect(Self.call().scope.isSessionKnown)
    }
}

@Suite struct `A call key` {
    @Test func `orders by kind first, best first`() {
        let keys = ["x:rec:1", "a:msg:2", "b:req:3", "a:req:9", "z:creq:0", "q:what:1", "a:resp:1"].map {
            CallKey(rawValue: $0)
        }
        #expect(
            keys.sorted().map(\.rawValue)
                == ["a:req:9", "b:req:3", "a:resp:1", "a:msg:2", "z:creq:0", "x:rec:1", "q:what:1"])
        #expect(CallKey(space: "anthropic", kind: .request, value: "r:1").rawValue == "anthropic:req:r:1")
        #expect(CallKey(rawValue: "anthropic:req:r:1").kind == .request)
    }
}

@Suite struct `Token counts` {
    @Test func `tell nothing reported from zero`() {
        #expect(TokenCounts().totalTokens == nil)
        #expect(TokenCounts(output: 0).totalTokens == 0)
        #expect(!TokenCounts(output: 0).hasUsage)
        #expect(TokenCounts(output: 0) != TokenCounts())
    }

    @Test func `derive inclusive totals without counting reasoning twice`() {
        let counts = TokenCounts(
            uncachedInput: 1, cacheRead: 10, cacheWrite5m: 100, cacheWrite1h: 1_000, cacheWrite: 10_000,
            output: 100_000, reasoning: 50_000)
        #expect(counts.inputTokens == 11_111)
        #expect(counts.totalTokens == 111_111)
        #expect(counts.allCacheWrites == 11_100)
    }

    @Test func `add, subtract and clamp class by class`() {
        let left = TokenCounts(uncachedInput: .max, output: 5)
        let right = TokenCounts(uncachedInput: 1, reasoning: 2)
        #expect(left + right == TokenCounts(uncachedInput: .max, output: 5, reasoning: 2))
        #expect((left - left).totalTokens == 0)
        #expect(left.fieldwiseMaximum(TokenCounts(cacheRead: 3, output: 4)).output == 5)
    }
}
