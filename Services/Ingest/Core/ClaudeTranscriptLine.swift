import Metering
import Wire

/// The parts of a session file's line that are read; everything else, all content among it, is passed over.
struct ClaudeTranscriptLine {
    var type = ""
    var sessionID: String?
    var requestSessionID: String?
    var uuid: String?
    var requestID: String?
    var messageID: String?
    var model: String?
    var time: Timestamp?
    var isSidechain = false
    var agentID: String?
    var agentName: String?
    var branch: String?
    var project: String?
    var cost: AttributeValue?
    var hasUsage = false
    var usage = ClaudeUsage()

    /// Reads a line's object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "type": type = try json.scalarText() ?? ""
            case "sessionId": sessionID = try json.scalarText()
            // A fork's copy of an earlier message names the session that made the request.
            case "requestSessionId": requestSessionID = try json.scalarText()
            case "uuid": uuid = try json.scalarText()
            case "requestId": requestID = try json.scalarText()
            case "timestamp": time = try json.scalarText().flatMap(Timestamp.init(rfc3339:))
            case "isSidechain": isSidechain = try json.scalar() == .boolean(true)
            case "agentId": agentID = try json.scalarText()
            case "attributionAgent": agentName = try json.scalarText()
            case "gitBranch": branch = try json.scalarText()
            case "cwd": project = try json.lastPathComponent()
            case "costUSD": cost = try json.usageNumber()
            case "message": try readMessage(&json)
            default: try json.skip()
            }
        }
    }

    private mutating func readMessage(_ json: inout JSONReader) throws(JSONError) {
        try json.objectIfAny { key, json throws(JSONError) in
            switch key {
            case "id": messageID = try json.scalarText()
            case "model": model = try json.scalarText()
            case "usage":
                guard try json.kind() == .object else { return try json.skip() }
                hasUsage = true
                try usage.read(&json)
            default: try json.skip()
            }
        }
    }
}

/// The `usage` object of Anthropic's Messages API.
struct ClaudeUsage {
    var input: AttributeValue?
    var output: AttributeValue?
    var cacheRead: AttributeValue?
    var cacheWrite: AttributeValue?
    var cacheWrite5m: AttributeValue?
    var cacheWrite1h: AttributeValue?
    var thinking: AttributeValue?
    var webSearches: AttributeValue?
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    /// The steps of an answer that have counts of their own, with their places.
    var iterations: [(index: Int, iteration: Iteration)] = []

    /// One step of an answer.
    struct Iteration {
        var type = ""
        var model: String?
        var usage = ClaudeUsage()
    }

    /// Reads the object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in try readMember(key, &json) }
    }

    private mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "input_tokens": input = try json.usageNumber()
        case "output_tokens": output = try json.usageNumber()
        case "cache_read_input_tokens": cacheRead = try json.usageNumber()
        case "cache_creation_input_tokens": cacheWrite = try json.usageNumber()
        case "cache_creation", "output_tokens_details", "server_tool_use":
            try json.objectIfAny { key, json throws(JSONError) in try readDetail(key, &json) }
        case "service_tier": serviceTier = try json.scalarText()
        case "speed": speed = try json.scalarText()
        case "inference_geo": inferenceGeo = try json.scalarText()
        case "iterations": try readIterations(&json)
        default: try json.skip()
        }
    }

    private mutating func readDetail(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "ephemeral_5m_input_tokens": cacheWrite5m = try json.usageNumber()
        case "ephemeral_1h_input_tokens": cacheWrite1h = try json.usageNumber()
        case "thinking_tokens": thinking = try json.usageNumber()
        case "web_search_requests": webSearches = try json.usageNumber()
        default: try json.skip()
        }
    }

    private mutating func readIterations(_ json: inout JSONReader) throws(JSONError) {
        guard try json.kind() == .array else { return try json.skip() }
        var index = 0
        try json.array { json throws(JSONError) in
            defer { index += 1 }
            guard index < Attributes.maximumValues, try json.kind() == .object else { return try json.skip() }
            var iteration = Iteration()
            try json.object { key, json throws(JSONError) in
                switch key {
                case "type": iteration.type = try json.scalarText() ?? ""
                case "model": iteration.model = try json.scalarText()
                default: try iteration.usage.readMember(key, &json)
                }
            }
            if iteration.type == "advisor_message" { iterations.append((index, iteration)) }
        }
    }

    /// The counts.
    func tokens() throws(Rejection) -> TokenCounts {
        func count(_ value: AttributeValue?, _ field: StaticString) throws(Rejection) -> Int64? {
            guard let value else { return nil }
            return try Self.count(value, field)
        }
        var tokens = TokenCounts(
            uncachedInput: try count(input, "input_tokens"),
            cacheRead: try count(cacheRead, "cache_read_input_tokens"),
            output: try count(output, "output_tokens"),
            reasoning: try count(thinking, "thinking_tokens"))
        tokens.setCacheWrites(
            total: try count(cacheWrite, "cache_creation_input_tokens"),
            fiveMinutes: try count(cacheWrite5m, "ephemeral_5m_input_tokens"),
            oneHour: try count(cacheWrite1h, "ephemeral_1h_input_tokens"))
        return tokens
    }

    /// A count, or a rejection that names its member.
    static func count(_ value: AttributeValue, _ field: StaticString) throws(Rejection) -> Int64 {
        do throws(RejectionReason) {
            return try UsageNumbers.count(value)
        } catch {
            throw Rejection(error, field: field)
        }
    }

    /// Adds everything the object says to an identity.
    func add(to hasher: inout RecordHasher) {
        for value in [input, output, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, thinking, webSearches] {
            hasher.add(value ?? .empty)
        }
        for text in [serviceTier, speed, inferenceGeo] { hasher.add(text ?? "") }
        for (index, iteration) in iterations {
            hasher.add(Int64(index))
            hasher.add(iteration.model ?? "")
            iteration.usage.add(to: &hasher)
        }
    }
}
