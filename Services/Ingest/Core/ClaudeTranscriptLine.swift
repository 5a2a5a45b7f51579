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
    var usage = AnthropicUsage()

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
