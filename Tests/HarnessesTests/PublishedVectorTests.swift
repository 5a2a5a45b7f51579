import Foundation
import Harnesses
import Metering
import Testing

/// Published cases of two other systems that concern what commands print and threads report, by their numbers there.
struct PublishedVectorTests {
    /// The cases that are read here, and those that are not with the reason.
    private static let cases: [String: [String: String?]] = [
        "evonexus": [
            "E01": nil, "E02": nil, "E03": nil, "E07": nil, "E10": nil, "E11": nil, "E12": nil, "E13": nil, "E14": nil,
            "E16": nil, "E17": nil, "E19": nil, "E20": nil,
            "E15": "a row of that system's database that is finalised; ours are revisions, each with every figure",
        ],
        "symphony": [
            "S01": nil, "S03": nil, "S07": nil, "S08": nil, "S09": nil, "S10": nil, "S11": nil, "S13": nil, "S14": nil,
            "S15": nil, "S18": nil, "S19": nil,
            "S05": "a row of that system's database before it split its columns; no agent writes it",
            "S16": "phases of that system's own runs; a thread of a reviewer is a thread here",
            "S17": "budgets of that system", "S22": "throughput over the last five seconds, a figure of its screen",
        ],
    ]

    private func input(_ system: String, _ id: String) throws -> Any {
        try #require(try Self.vectors(system)[id]?["input"])
    }

    private static func vectors(_ system: String) throws -> [String: [String: Any]] {
        let data = Data(try Fixture.bytes("vectors/\(system).json"))
        let list = (try JSONSerialization.jsonObject(with: data) as? [String: Any])?["vectors"] as? [[String: Any]]
        return Dictionary(uniqueKeysWithValues: try #require(list).map { (($0["id"] as? String) ?? "", $0) })
    }

    @Test(arguments: cases.keys.sorted()) func `every case is read or has a reason`(system: String) throws {
        #expect(Set(try Self.vectors(system).keys) == Set(try #require(Self.cases[system]).keys))
    }

    private func json(_ value: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed), as: UTF8.self)
    }

    private func claude(_ output: String) throws -> Sums {
        Sums(try Intake.forTests.result(output, of: "claude-code").observations)
    }

    private func codex(_ output: String) throws -> Sums {
        Sums(try Intake.forTests.result(output, of: "codex").observations)
    }

    /// The counts and the cost that a case expects; what it leaves unknown is no part of any sum.
    private func expect(_ sums: Sums, _ wanted: Any?, _ id: String) throws {
        let wanted = try #require(wanted as? [String: Any])
        for name in [TokenClass.uncachedInput, .cacheRead, .output, .reasoning] {
            #expect(sums.counts[name] == (wanted[name.rawValue] as? Int64 ?? 0), "\(id) \(name.rawValue)")
        }
        #expect((sums.tokens.allCacheWrites ?? 0) == (wanted["cache_write"] as? Int64 ?? 0), "\(id) writes")
        if let cost = wanted["cost_reported"] { #expect(sums.cost?.description == cost as? String, "\(id) cost") }
    }

    @Test func `EvoNexus: what a heartbeat's command prints`() throws {
        let vectors = try Self.vectors("evonexus")
        for id in ["E01", "E02", "E03", "E11"] {
            try expect(try claude(try json(try input("evonexus", id))), vectors[id]?["expect"], id)
        }
        let printed = try #require(try input("evonexus", "E10") as? [String])
        for output in printed {
            try expect(try claude(output), (vectors["E10"]?["expect"] as? [String: Any])?["each"], "E10")
        }
        let failed = try #require((try input("evonexus", "E14") as? [String: Any])?["stdout"])
        try expect(try claude(try json(failed)), (vectors["E14"]?["expect"] as? [String: Any])?["usage"], "E14")
        let byModel = ((vectors["E19"]?["expect"] as? [String: Any])?["by_model"] as? [String: Any])?.values.first
        try expect(try claude(try json(try input("evonexus", "E19"))), byModel, "E19")
        let nothing = try Intake.forTests.result("", of: "claude-code")
        #expect(nothing.events.isEmpty && nothing.ignored == 0, "E07")
    }

    @Test func `EvoNexus: numbers that are none are refused, each by itself`() throws {
        let costs = try #require((try input("evonexus", "E12") as? [String: Any])?["total_cost_usd_cases"] as? [Any])
        #expect(costs.count == 5)
        for cost in costs {
            let output = try json(["type": "result", "total_cost_usd": cost, "usage": ["input_tokens": 3]])
            let result = try Intake.forTests.result(output, of: "claude-code")
            #expect(Sums(result.observations).cost == nil, "E12 \(cost)")
            #expect(Sums(result.observations).tokens.uncachedInput == 3, "E12 \(cost)")
            #expect(result.deadLetters.map(\.field) == ["total_cost_usd"], "E12 \(cost)")
        }
        let mixed = try Intake.forTests.result(try json(try input("evonexus", "E13")), of: "claude-code")
        #expect(Sums(mixed.observations).tokens == TokenCounts(uncachedInput: 6), "E13")
        #expect(mixed.rejected == [.wrongType: 1], "E13")
    }

    @Test func `EvoNexus: sums of costs are exact`() throws {
        for (id, sum) in [("E16", "0.000001"), ("E17", "1")] {
            let costs = try #require((try input("evonexus", id) as? [String: Any])?["events"] as? [String])
            let results = costs.enumerated().map { index, cost in
                #"{"type":"result","uuid":"\#(index)","session_id":"s","total_cost_usd":"\#(cost)"}"#
            }
            let observations = try results.flatMap { try Intake.forTests.result($0, of: "claude-code").observations }
            #expect(Sums(observations).cost?.description == sum, "\(id)")
        }
    }

    @Test func `EvoNexus: nothing of the output is kept`() throws {
        let output = try #require((try input("evonexus", "E20") as? [String: Any])?["output"] as? String)
        #expect(try Intake.forTests.result(output, of: "claude-code").events.isEmpty, "E20")
        let result = try Intake.forTests.result(
            try json(["type": "result", "result": output, "total_cost_usd": output, "usage": ["input_tokens": 1]]),
            of: "claude-code")
        #expect(result.observations.count == 1 && result.deadLetters.count == 1)
        for event in result.events {
            #expect(!String(decoding: event.json, as: UTF8.self).contains("secret"), "E20")
        }
    }
}

extension PublishedVectorTests {
    /// A notification about a thread's total.
    private func updated(_ thread: String, _ total: Any) throws -> String {
        try json([
            "method": "thread/tokenUsage/updated", "params": ["threadId": thread, "tokenUsage": ["total": total]],
        ])
    }

    /// A notification as older servers sent it.
    private func notified(_ info: Any) throws -> String {
        try json([
            "method": "codex/event/token_count",
            "params": ["conversationId": "t", "msg": ["payload": ["info": info]]],
        ])
    }

    @Test func `Symphony: a thread's totals`() throws {
        let vectors = try Self.vectors("symphony")
        let nested = try #require((try input("symphony", "S01") as? [String: Any])?.values.first)
        let first = try codex(try notified(["total_token_usage": nested]))
        try expect(first, vectors["S01"]?["expect"], "S01")
        #expect(first.tokens.inputTokens == 12000 && first.tokens.totalTokens == 12500, "S01")
        try expect(try codex(try notified(try input("symphony", "S08"))), vectors["S08"]?["expect"], "S08")
        try expect(try codex(try notified(try input("symphony", "S09"))), vectors["S09"]?["expect"], "S09")
        let growing = try #require((try input("symphony", "S10") as? [String: Any])?.values.first as? [Any])
        let lines = try growing.map { try updated("t", $0) }
        try expect(try codex(lines.joined(separator: "\n")), vectors["S10"]?["expect"], "S10")
        try expect(try codex(lines.reversed().joined(separator: "\n")), vectors["S10"]?["expect"], "S10 backwards")
        let next = try #require((try input("symphony", "S11") as? [String: Any])?["next_absolute"])
        let stored = ["input_tokens": 200, "cached_input_tokens": 150, "output_tokens": 100, "total_tokens": 300]
        let both = [try updated("t", stored), try updated("t", next)].joined(separator: "\n")
        try expect(try codex(both), vectors["S11"]?["expect"], "S11")
        let threads = [("a", 300), ("b", 50), ("b", 120)]
        let totals = try threads.map { try updated($0.0, ["input_tokens": $0.1, "total_tokens": $0.1]) }
        #expect(try codex(totals.joined(separator: "\n")).tokens.totalTokens == 420, "S13")
        let partial = try json(["type": "turn.completed", "usage": try input("symphony", "S19")])
        try expect(try codex(partial), vectors["S19"]?["expect"], "S19")
    }

    @Test func `Symphony: what Claude Code says`() throws {
        let vectors = try Self.vectors("symphony")
        let legacy = try json(["type": "result", "usage": try input("symphony", "S03")])
        try expect(try claude(legacy), vectors["S03"]?["expect"], "S03")
        #expect(try claude(legacy).tokens.totalTokens == 11000, "S03")
        try expect(try claude(try json(try input("symphony", "S07"))), vectors["S07"]?["expect"], "S07")
        let turns = [(20, 3), (15, 5)].enumerated().map { index, counts in
            """
            {"type":"result","uuid":"\(index)","session_id":"s",\
            "usage":{"input_tokens":\(counts.0),"output_tokens":\(counts.1)}}
            """
        }
        #expect(try claude(turns.joined(separator: "\n")).tokens.totalTokens == 43, "S14")
        let messages = try #require((try input("symphony", "S15") as? [String: Any])?["assistant"] as? [[String: Any]])
        let lines = try messages.enumerated().map { index, message in
            try json([
                "type": "assistant", "uuid": "\(index)",
                "message": ["id": message["id"] ?? "", "usage": ["output_tokens": message["output_tokens"] ?? 0]],
            ])
        }
        let read = try Intake.forTests.readTranscript(
            Array(lines.joined(separator: "\n").utf8), of: Harness(rawValue: "claude-code"), file: "a.jsonl",
            receivedTime: Intake.noon)
        #expect(Sums(read.observations).tokens.output == 198, "S15")
        for (value, count) in [(#""0""#, 0), (#""7""#, 7), (#"" 42left ""#, nil), (#""-1""#, nil), ("3.14", nil)] {
            let output = #"{"type":"result","usage":{"output_tokens":\#(value),"input_tokens":1}}"#
            let result = try Intake.forTests.result(output, of: "claude-code")
            #expect((Sums(result.observations).tokens.output ?? 0) == count ?? 0, "S18 \(value)")
            #expect(result.rejectedCount == (count == nil ? 1 : 0), "S18 \(value)")
        }
    }
}
