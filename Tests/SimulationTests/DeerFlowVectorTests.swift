import Foundation
import Harnesses
import Metering
import Reconciliation
import Support
import Testing

/// Published cases of another system, DeerFlow, that concern what is read and how it adds up, by their numbers there.
///
/// Its calls are put as spans of the general conventions: the caller as the agent's name, a call's id as its response's.
@Suite struct DeerFlowVectorTests {
    private let vectors: [String: [String: Any]]

    /// The cases that are not run here, and why.
    private static let elsewhere = """
        D08 a caller that is not named is left unnamed: who it was is not guessed
        D18 prices in another currency: sheets are in US dollars, and a model without a price is unpriced
        D19 prices in two currencies: as D18
        D20 days without usage: a report's reader fills them in, with its own days
        D21 a cost of priced and unpriced models: a report counts unpriced calls beside every cost
        D22 a price of another model: names are never matched by likeness, and a call has one model
        D24 a page that adds its own pending messages to the server's
        D26 the context's fill: of the window that a model has, in the report's own tests
        D27 a budget that stops an agent: a meter stops nobody
        """

    init() throws {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/vectors/deerflow.json")
        let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let list = try #require(file["vectors"] as? [[String: Any]])
        vectors = Dictionary(list.compactMap { vector in (vector["id"] as? String).map { ($0, vector) } }) { $1 }
    }

    private func input(_ id: String) throws -> [String: Any] {
        try #require(vectors[id]?["input"] as? [String: Any])
    }

    private func expected(_ id: String) throws -> [String: Any] {
        try #require(vectors[id]?["expect"] as? [String: Any])
    }

    /// What becomes of spans, each with its attributes.
    private func calls(_ spans: [[String: Any]]) throws -> [Call] {
        let list = spans.enumerated().map { index, values -> [String: Any] in
            var values = values
            values["gen_ai.operation.name"] = "chat"
            values["gen_ai.provider.name"] = "openai"
            let attributes = values.map { name, value -> [String: Any] in
                switch value {
                case let text as String: ["key": name, "value": ["stringValue": text]]
                case let number as NSNumber where isBoolean(number): ["key": name, "value": ["boolValue": true]]
                case let number as NSNumber: ["key": name, "value": ["intValue": number.intValue]]
                default: ["key": name, "value": [String: Any]()]
                }
            }
            let id = String(format: "%016x", index + 1)
            return [
                "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": id, "name": "chat", "attributes": attributes,
                "endTimeUnixNano": String(1_787_234_592_000_000_000 + index),
            ]
        }
        let scope: [String: Any] = ["scope": ["name": "deer-flow"], "spans": list]
        let resource: [String: Any] = ["attributes": [["key": "service.name", "value": ["stringValue": "deer-flow"]]]]
        let body: [String: Any] = ["resourceSpans": [["resource": resource, "scopeSpans": [scope]]]]
        let result = try Intake(identityPolicy: .drop).read(
            Array(try JSONSerialization.data(withJSONObject: body)), signal: .traces, encoding: .json,
            receivedTime: Timestamp(seconds: 1_800_000_000))
        var reconciler = Reconciler(state: MemoryState())
        var calls: [CallKey: Call] = [:]
        for case .observation(let observation) in result.events {
            guard case .changed(let transaction) = reconciler.accept(observation) else { continue }
            for call in transaction.calls { calls[call.key] = call }
        }
        // A call that used nothing is kept, and adds nothing.
        return calls.values.filter { !$0.isRetracted && $0.tokens.hasUsage }
    }

    private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    private func span(_ call: [String: Any]) -> [String: Any] {
        var attributes: [String: Any] = [:]
        attributes["gen_ai.request.model"] = call["model"] as? String
        attributes["gen_ai.agent.name"] = call["caller"] as? String
        attributes["gen_ai.response.id"] = call["call_id"] as? String ?? call["id"] as? String
        attributes["gen_ai.usage.input_tokens"] = call["input"] as? Int
        attributes["gen_ai.usage.output_tokens"] = call["output"] as? Int
        attributes["gen_ai.usage.cache_read.input_tokens"] = call["cache_read"] as? Int
        return attributes
    }

    private func sums(_ calls: [Call]) -> [Int] {
        let sum = calls.reduce(TokenCounts()) { $0 + $1.tokens }
        return [Int(sum.inputTokens ?? 0), Int(sum.output ?? 0), Int(sum.totalTokens ?? 0)]
    }

    @Test(arguments: ["D01", "D02", "D03", "D04", "D05", "D07", "D09", "D15"])
    func `calls add up by model and by caller`(id: String) throws {
        let listed = try #require(try input(id)["calls"] as? [[String: Any]])
        let calls = try calls(listed.map(span))
        let expected = try expected(id)
        for (model, value) in expected["by_model"] as? [String: Any] ?? [:] {
            let own = calls.filter { ($0.model ?? "unknown") == model }
            if let counts = value as? [Int] { #expect(sums(own) == counts, "\(id) \(model)") }
            if let counts = value as? [String: Int] {
                #expect(sums(own) == [counts["input"], counts["output"], counts["total"]], "\(id) \(model)")
                #expect(own.reduce(0) { $0 + ($1.tokens.cacheRead ?? 0) } == Int64(counts["cache_read"] ?? 0))
            }
        }
        for (caller, total) in expected["by_caller"] as? [String: Int] ?? [:] {
            let own = calls.filter { $0.attribution.agentName?.hasPrefix(caller) == true }
            #expect(sums(own)[2] == total, "\(id) \(caller)")
        }
        if let total = expected["total"] as? Int { #expect(sums(calls)[2] == total, "\(id)") }
        if let count = expected["llm_call_count"] as? Int { #expect(calls.count == count, "\(id)") }
        if let ours = expected["ours"] as? [String: Any] {
            let sum = calls.reduce(TokenCounts()) { $0 + $1.tokens }
            #expect(sum.uncachedInput == (ours["uncached_input"] as? Int).map(Int64.init), "\(id)")
            #expect(sum.cacheWrite == nil && sum.reasoning == nil, "\(id)")
        }
    }

    @Test(arguments: [("D10", "ours_total"), ("D11", "total")])
    func `every generation with usage counts`(id: String, name: String) throws {
        let generations = try #require(try input(id)["generations"] as? [Any])
        let calls = try calls(generations.map { span($0 as? [String: Any] ?? [:]) })
        #expect(sums(calls)[2] == (try expected(id)[name] as? Int))
    }

    @Test func `D12 the model is that of the call`() throws {
        let model = try #require(try input("D12")["run_model"] as? String)
        let calls = try calls([span(["model": model, "input": 10, "output": 5])])
        let expected = try #require(try expected("D12")["by_model_keys"] as? [String])
        #expect(calls.compactMap(\.model) == expected)
    }

    @Test func `D23 a message counts once, and its usage may come late`() throws {
        let messages = try #require(try input("D23")["messages"] as? [[String: Any]])
        let spans = messages.map { message -> [String: Any] in
            let usage = message["usage"] as? [Int]
            return span(["id": message["id"] as Any, "input": usage?[0] as Any, "output": usage?[1] as Any])
        }
        #expect(sums(try calls(spans))[2] == (try expected("D23")["total"] as? Int))
    }

    /// Ours takes the fourth, too: a total is a sum, which need not be sent.
    @Test func `D28 counts below zero and Booleans are refused`() throws {
        let cases = try #require(try input("D28")["cases"] as? [[String: Any]])
        let accepted = try cases.map { usage in
            let names = ["input_tokens": "gen_ai.usage.input_tokens", "output_tokens": "gen_ai.usage.output_tokens"]
            return try !calls([Dictionary(uniqueKeysWithValues: names.map { ($1, usage[$0] as Any) })]).isEmpty
        }
        #expect(accepted == [true, false, false, true])
    }

    @Test func `every case is run here, or is listed with a reason`() {
        let run = ["D01", "D02", "D03", "D04", "D05", "D07", "D09", "D10", "D11", "D12", "D15", "D23", "D28"]
        let listed = Self.elsewhere.split(separator: "\n").map { String($0.prefix(3)) }
        #expect((run + listed).sorted() == vectors.keys.sorted())
    }
}
