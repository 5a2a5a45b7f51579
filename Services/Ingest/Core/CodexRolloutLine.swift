import Metering
import Wire

/// The parts of a rollout's line that are read; everything else, all content among it, is passed over.
struct CodexRolloutLine {
    var type = ""
    var time: Timestamp?
    var payload = Payload()

    /// Reads a line's object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "type": type = try json.scalarText() ?? ""
            case "timestamp": time = try json.scalarText().flatMap(Timestamp.init(rfc3339:))
            case "payload": try json.objectIfAny { key, json throws(JSONError) in try payload.readMember(key, &json) }
            default: try json.skip()
            }
        }
    }

    /// The total that a line reports, if it is a line that does.
    static func vector(in line: ArraySlice<UInt8>) -> CodexTotals.Vector? {
        var entry = CodexRolloutLine()
        do throws(JSONError) {
            var json = JSONReader(copying: line)
            try entry.read(&json)
        } catch { return nil }
        guard entry.type == "event_msg", entry.payload.type == "token_count", let info = entry.payload.info else {
            return nil
        }
        do throws(Rejection) {
            return CodexTotals.Vector(total: try info.total?.counts(), last: try info.last?.counts())
        } catch { return nil }
    }

    /// What a line is about; each kind of line has some of these members.
    struct Payload {
        var type = ""
        // Of the file's first line.
        var id: String?
        var forkedFrom: String?
        var parentThread: String?
        var originator: String?
        var provider: String?
        var isPaginated = false
        var isSubagent = false
        var agentName: String?
        var project: String?
        var branch: String?
        var repository: String?
        // Of turns and settings.
        var turnID: String?
        var model: String?
        var settingsModel: String?
        // Of usage.
        var threadID: String?
        var responseID: String?
        var usage: CodexUsage?
        var threadUsage: CodexUsage?
        var info: (total: CodexUsage?, last: CodexUsage?)?

        mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
            switch key {
            case "type": type = try json.scalarText() ?? ""
            case "turn_id": turnID = try json.scalarText()
            case "model": model = try json.scalarText()
            case "thread_settings":
                try json.objectIfAny { key, json throws(JSONError) in
                    switch key {
                    case "model": settingsModel = try json.scalarText()
                    default: try json.skip()
                    }
                }
            case "thread_id": threadID = try json.scalarText()
            case "response_id": responseID = try json.scalarText()
            case "usage": usage = try CodexUsage.read(&json)
            case "thread_token_usage": threadUsage = try CodexUsage.read(&json)
            case "info": try readInfo(&json)
            default: try readOrigin(key, &json)
            }
        }

        private mutating func readInfo(_ json: inout JSONReader) throws(JSONError) {
            guard try json.kind() == .object else { return try json.skip() }
            var found: (total: CodexUsage?, last: CodexUsage?)
            try json.object { key, json throws(JSONError) in
                switch key {
                case "total_token_usage": found.total = try CodexUsage.read(&json)
                case "last_token_usage": found.last = try CodexUsage.read(&json)
                default: try json.skip()
                }
            }
            info = found
        }

        private mutating func readOrigin(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
            switch key {
            case "id": id = try json.scalarText()
            case "forked_from_id": forkedFrom = try json.scalarText()
            case "parent_thread_id": parentThread = try json.scalarText()
            case "originator": originator = try json.scalarText()
            case "model_provider": provider = try json.scalarText()
            case "history_mode": isPaginated = try json.scalarText() == "paginated" || isPaginated
            case "history_base":
                isPaginated = try json.kind() == .object || isPaginated
                try json.skip()
            case "thread_source": isSubagent = try json.scalarText() == "subagent" || isSubagent
            case "source": try readSource(&json)
            case "agent_nickname": agentName = try json.scalarText()
            case "cwd": project = try json.lastPathComponent()
            case "git":
                try json.objectIfAny { key, json throws(JSONError) in
                    switch key {
                    case "branch": branch = try json.scalarText()
                    case "repository_url": repository = try json.scalarText()
                    default: try json.skip()
                    }
                }
            default: try json.skip()
            }
        }

        /// Who started the thread: the name of a program, or for a subagent an object with its parent.
        private mutating func readSource(_ json: inout JSONReader) throws(JSONError) {
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "subagent" = key else { return try json.skip() }
                isSubagent = true
                try json.objectIfAny { _, json throws(JSONError) in
                    try json.objectIfAny { key, json throws(JSONError) in
                        switch key {
                        case "parent_thread_id": parentThread = try json.scalarText() ?? parentThread
                        case "agent_nickname": agentName = try json.scalarText() ?? agentName
                        default: try json.skip()
                        }
                    }
                }
            }
        }
    }
}
