import Metering
import Wire

/// The parts of what `claude -p` prints that are read; everything else, all content among it, is passed over.
struct ClaudePrintedLine {
    var type: String?
    var session: String?
    var uuid: String?
    var time: Timestamp?
    var cost: AttributeValue?
    var hasUsage = false
    var usage = AnthropicUsage()
    var models: [(name: String, usage: ClaudeModelUsage)] = []
    // Of a message.
    var messageID: String?
    var requestID: String?
    var model: String?
    var isOfSubagent = false

    /// Whether the line sums up; output of unknown builds does so without saying what it is.
    var isResult: Bool { type == "result" || (type == nil && (hasUsage || cost != nil)) }

    /// Reads a line's object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "type": type = try json.scalarText() ?? ""
            case "session_id": session = try json.scalarText()
            case "uuid": uuid = try json.scalarText()
            case "timestamp": time = try json.scalarText().flatMap(Timestamp.init(rfc3339:))
            case "request_id": requestID = try json.scalarText()
            case "total_cost_usd": cost = try json.usageNumber()
            case "parent_tool_use_id": isOfSubagent = try json.scalarText() != nil
            case "usage": try readUsage(&json)
            case "modelUsage": try readModels(&json)
            case "message": try readMessage(&json)
            default: try json.skip()
            }
        }
        try json.finish()
    }

    /// Reads a message of the Messages API.
    mutating func readMessage(_ json: inout JSONReader) throws(JSONError) {
        try json.objectIfAny { key, json throws(JSONError) in
            switch key {
            case "id": messageID = try json.scalarText()
            case "model": model = try json.scalarText()
            case "usage": try readUsage(&json)
            default: try json.skip()
            }
        }
    }

    private mutating func readUsage(_ json: inout JSONReader) throws(JSONError) {
        guard try json.kind() == .object else { return try json.skip() }
        hasUsage = true
        try usage.read(&json)
    }

    private mutating func readModels(_ json: inout JSONReader) throws(JSONError) {
        try json.objectIfAny { key, json throws(JSONError) in
            guard try json.kind() == .object, models.count < Attributes.maximumValues,
                let name = BoundedText.string(key.string)
            else { return try json.skip() }
            var usage = ClaudeModelUsage()
            try usage.read(&json)
            models.append((name, usage))
        }
    }
}

/// What a result says of one model.
struct ClaudeModelUsage {
    var input: AttributeValue?
    var output: AttributeValue?
    var cacheRead: AttributeValue?
    var cacheWrite: AttributeValue?
    var cacheWrite5m: AttributeValue?
    var cacheWrite1h: AttributeValue?
    var thinking: AttributeValue?
    var cost: AttributeValue?
    var provider: String?

    /// Reads the object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "inputTokens": input = try json.usageNumber()
            case "outputTokens": output = try json.usageNumber()
            case "cacheReadInputTokens": cacheRead = try json.usageNumber()
            case "cacheCreationInputTokens": cacheWrite = try json.usageNumber()
            case "cacheCreationEphemeral5mInputTokens": cacheWrite5m = try json.usageNumber()
            case "cacheCreationEphemeral1hInputTokens": cacheWrite1h = try json.usageNumber()
            case "thinkingTokens": thinking = try json.usageNumber()
            case "costUSD": cost = try json.usageNumber()
            case "provider": provider = try json.scalarText()
            default: try json.skip()
            }
        }
    }
}
