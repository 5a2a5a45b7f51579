import Foundation
import Metering
import Rating
import Testing
import Wire

/// One line of a parity file: a request, and what a catalogue or the vendor's page says it costs.
struct ParityCase: Sendable, CustomTestStringConvertible {
    var id = ""
    var provider: String?
    var model = ""
    var time = Timestamp(nanoseconds: 0)
    var tokens = TokenCounts()
    var context: [String: String] = [:]
    /// Each billed on its own: server-side compaction and fallback.
    var steps: [(model: String, tokens: TokenCounts)] = []
    var expected: String?
    /// The status it must have when it has no cost.
    var expectedStatus: String?
    /// Whether both catalogues agree; `nil` when only one knows the model.
    var agrees: Bool?
    /// Which catalogue is right where they differ.
    var rightSide: String?
    /// What the other catalogue says.
    var genaiPrices: String?

    var testDescription: String { "\(id) \(provider ?? "-")/\(model) \(context)" }

    /// What `rightSide` says the request costs; `nil` where neither is right or it is not settled.
    var rightCost: String? {
        switch rightSide {
        case nil, "litellm": expected
        case "genai": genaiPrices
        default: nil
        }
    }

    func requests() -> [RatingRequest] {
        let parts = steps.isEmpty ? [(model: model, tokens: tokens)] : steps
        return parts.map { part in
            var request = RatingRequest(provider: provider, model: part.model, time: time, tokens: part.tokens)
            request.serviceTier = context["processing"] ?? context["service_tier"]
            request.speed = context["speed"]
            request.geo =
                context["inference_geo"] ?? context["data_residency"] ?? context["vertex_location"]
                ?? context["endpoint_region"]
            return request
        }
    }

    static func read(_ file: String) throws -> [ParityCase] {
        try read(at: try #require(Bundle.module.url(forResource: "Fixtures/\(file)", withExtension: "jsonl")))
    }

    static func read(at url: URL) throws -> [ParityCase] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            var json = JSONReader(Array(line.utf8))
            var result = ParityCase()
            try json.object { key, json throws(JSONError) in try result.member(key, &json) }
            return result
        }
    }

    private mutating func member(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "id": id = try json.string()
        case "provider": provider = try json.optionalString()
        case "model": model = try json.string()
        case "at": time = try json.timestamp()
        case "usage": tokens = try Self.usage(&json)
        case "context":
            var members: [String: String] = [:]
            try json.object { key, json throws(JSONError) in members[key.string] = try json.string() }
            context = members
        case "iterations": try readSteps(&json)
        case "expected_cost_usd": expected = try json.optionalString()
        case "expected_status": expectedStatus = try json.string()
        case "agree": agrees = try json.null() ? nil : json.bool()
        case "who_is_right": rightSide = try json.string()
        case "genai_prices":
            if try json.null() { return }
            var cost: String?
            try json.object { key, json throws(JSONError) in
                if case "usd" = key { cost = try json.optionalString() } else { try json.skip() }
            }
            genaiPrices = cost
        default: try json.skip()
        }
    }

    private mutating func readSteps(_ json: inout JSONReader) throws(JSONError) {
        var steps: [(model: String, tokens: TokenCounts)] = []
        try json.array { json throws(JSONError) in
            var step = (model: "", tokens: TokenCounts())
            try json.object { key, json throws(JSONError) in
                switch key {
                case "model": step.model = try json.string()
                case "usage": step.tokens = try Self.usage(&json)
                default: try json.skip()
                }
            }
            steps.append(step)
        }
        self.steps = steps
    }

    private static func usage(_ json: inout JSONReader) throws(JSONError) -> TokenCounts {
        var tokens = TokenCounts()
        try json.object { key, json throws(JSONError) in
            switch key {
            case "uncached_input": tokens.uncachedInput = try json.int64()
            case "cache_read": tokens.cacheRead = try json.int64()
            case "cache_creation_5m": tokens.cacheWrite5m = try json.int64()
            case "cache_creation_1h": tokens.cacheWrite1h = try json.int64()
            case "output": tokens.output = try json.int64()
            case "reasoning": tokens.reasoning = try json.int64()
            default: try json.skip()
            }
        }
        return tokens
    }
}
