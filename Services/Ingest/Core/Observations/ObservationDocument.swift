import Metering
import Wire

/// One call as a gateway or script reports it: the members of ``ObservationSchema``.
///
/// Nothing is guessed and nothing passed over: a member that is not known is a fault, since a count under a mistaken name
/// would be a count that is lost.
struct ObservationDocument {
    var id: String?
    var time: Timestamp?
    var harness: String?
    var session: String?
    var provider: String?
    var model: String?
    var keys: [CallKey] = []
    var tokens = TokenCounts()
    var cost: Amount?
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    var webSearchRequests: Int64?
    var attribution = Attribution()
    var trace = TraceIDs()
    /// The first thing found wrong.
    private(set) var fault: Rejection?

    /// The ids of a trace, as text.
    struct TraceIDs {
        var trace: String?
        var span: String?
        var parent: String?
    }

    /// Reads the document.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        guard try json.kind() == .object else {
            note(.wrongType, nil)
            return try json.skip()
        }
        try json.object { key, json throws(JSONError) in
            switch key {
            case "id": id = try text("id", &json)
            case "time": time = try instant("time", &json) ?? time
            case "harness": harness = try text("harness", &json)
            case "session": session = try text("session", &json)
            case "provider": provider = try text("provider", &json)
            case "model": model = try text("model", &json)
            case "keys": keys = try readKeys(&json)
            case "tokens":
                guard try isObject("tokens", &json) else { return }
                try json.object { key, json throws(JSONError) in try readCount(key, &json) }
            case "cost": cost = try amount("cost", &json)
            default: try readDetail(key, &json)
            }
        }
    }

    private mutating func readDetail(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "service_tier": serviceTier = ServedSelector.unlessUsual(try text("service_tier", &json))
        case "speed": speed = ServedSelector.unlessUsual(try text("speed", &json))
        case "inference_geo": inferenceGeo = ServedSelector.unlessUsual(try text("inference_geo", &json))
        case "web_search_requests": webSearchRequests = try count("web_search_requests", &json)
        case "attribution":
            guard try isObject("attribution", &json) else { return }
            try json.object { key, json throws(JSONError) in try readAttribution(key, &json) }
        case "trace":
            guard try isObject("trace", &json) else { return }
            try json.object { key, json throws(JSONError) in try readTrace(key, &json) }
        default: try unknown(&json)
        }
    }

    private mutating func readCount(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "uncached_input": tokens.uncachedInput = try count("tokens.uncached_input", &json)
        case "cache_read": tokens.cacheRead = try count("tokens.cache_read", &json)
        case "cache_write_5m": tokens.cacheWrite5m = try count("tokens.cache_write_5m", &json)
        case "cache_write_1h": tokens.cacheWrite1h = try count("tokens.cache_write_1h", &json)
        case "cache_write": tokens.cacheWrite = try count("tokens.cache_write", &json)
        case "output": tokens.output = try count("tokens.output", &json)
        case "reasoning": tokens.reasoning = try count("tokens.reasoning", &json)
        default: try unknown(&json)
        }
    }

    private mutating func readAttribution(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "caller": attribution.caller = try text("attribution.caller", &json)
        case "agent_name": attribution.agentName = try text("attribution.agent_name", &json)
        case "agent_id": attribution.agentID = try text("attribution.agent_id", &json)
        case "parent_agent_id": attribution.parentAgentID = try text("attribution.parent_agent_id", &json)
        case "project": attribution.project = try text("attribution.project", &json)
        case "repository": attribution.repository = try text("attribution.repository", &json)
        case "branch": attribution.branch = try text("attribution.branch", &json)
        case "user": attribution.user = try text("attribution.user", &json)
        case "team": attribution.team = try text("attribution.team", &json)
        case "host": attribution.host = try text("attribution.host", &json)
        case "ci_run": attribution.ciRun = try text("attribution.ci_run", &json)
        default: try unknown(&json)
        }
    }

    private mutating func readTrace(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "trace_id": trace.trace = try hexadecimal("trace.trace_id", digits: 32, &json)
        case "span_id": trace.span = try hexadecimal("trace.span_id", digits: 16, &json)
        case "parent_span_id": trace.parent = try hexadecimal("trace.parent_span_id", digits: 16, &json)
        default: try unknown(&json)
        }
    }
}

extension ObservationDocument {
    /// The most identities of one call.
    static let maximumKeys = 16

    /// Records the first fault.
    mutating func note(_ reason: RejectionReason, _ field: StaticString?) {
        if fault == nil { fault = Rejection(reason, field: field) }
    }

    private mutating func unknown(_ json: inout JSONReader) throws(JSONError) {
        note(.unknownMember, nil)
        try json.skip()
    }

    /// Whether an object follows; anything else is passed over, and is a fault unless it is null.
    private mutating func isObject(_ field: StaticString, _ json: inout JSONReader) throws(JSONError) -> Bool {
        let kind = try json.kind()
        if kind == .object { return true }
        if kind != .null { note(.wrongType, field) }
        try json.skip()
        return false
    }

    private mutating func text(_ field: StaticString, _ json: inout JSONReader) throws(JSONError) -> String? {
        switch try json.scalar() {
        case .text(let utf8): return BoundedText.string(utf8)
        case .empty: return nil
        default:
            note(.wrongType, field)
            return nil
        }
    }

    private mutating func instant(_ field: StaticString, _ json: inout JSONReader) throws(JSONError) -> Timestamp? {
        guard let text = try text(field, &json) else { return nil }
        let instant = Timestamp(rfc3339: text)
        if instant == nil { note(.invalidTime, field) }
        return instant
    }

    private mutating func hexadecimal(
        _ field: StaticString, digits: Int, _ json: inout JSONReader
    ) throws(JSONError) -> String? {
        guard let text = try text(field, &json) else { return nil }
        guard text.utf8.count == digits, let normalised = Hexadecimal.normalised(text.utf8) else {
            note(.invalidID, field)
            return nil
        }
        return normalised
    }

    private mutating func count(_ field: StaticString, _ json: inout JSONReader) throws(JSONError) -> Int64? {
        let value = try json.scalar()
        switch value {
        case .empty: return nil
        case .integer, .double:
            do throws(RejectionReason) { return try UsageNumbers.count(value) } catch { note(error, field) }
        default: note(.wrongType, field)
        }
        return nil
    }

    /// An amount as decimal text: a number in JSON passes through floating point in most programs.
    private mutating func amount(_ field: StaticString, _ json: inout JSONReader) throws(JSONError) -> Amount? {
        switch try json.scalar() {
        case .empty: return nil
        case .text(let utf8):
            guard Self.isDecimal(utf8) else {
                note(utf8.first == UInt8(ascii: "-") ? .negativeCost : .notANumber, field)
                return nil
            }
            do throws(RejectionReason) { return try UsageNumbers.cost(.text(utf8)) } catch { note(error, field) }
        default: note(.wrongType, field)
        }
        return nil
    }

    /// Digits, with at most twelve after a point: what an amount holds without rounding.
    private static func isDecimal(_ utf8: ArraySlice<UInt8>) -> Bool {
        let parts = utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        let hasLeadingZero = parts[0].count > 1 && parts[0].first == UInt8(ascii: "0")
        return areDigits && !hasLeadingZero && parts[0].count <= 7 && parts.count <= 2
            && (parts.count == 1 || parts[1].count <= 12)
    }

    private mutating func readKeys(_ json: inout JSONReader) throws(JSONError) -> [CallKey] {
        switch try json.kind() {
        case .array: break
        case .null:
            try json.skip()
            return []
        default:
            note(.wrongType, "keys")
            try json.skip()
            return []
        }
        var keys: [CallKey] = []
        try json.array { json throws(JSONError) in
            guard case .text(let utf8) = try json.scalar(), keys.count < Self.maximumKeys,
                let text = BoundedText.string(utf8), let key = CallKey(reported: text)
            else { return note(.invalidKey, "keys") }
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}

extension CallKey {
    /// A key that somebody outside may give to a call: `space:kind:value`, of any kind that names one call.
    fileprivate init?(reported text: String) {
        self.init(rawValue: text)
        guard let kind, kind != .aggregate else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        let isPlain = parts[0].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...64).contains(parts[0].count), !parts[2].isEmpty else { return nil }
    }
}
