public import Foundation

/// A text that no prompt has, put wherever an input may have text that is not kept.
public enum PrivacyCanary {
    /// The text.
    public static let text = "CANARY-3f9a1c"

    /// Members and attributes whose text is kept, or decides what a record is; every other text may hold anything.
    private static let kept: Set<String> = [
        // What a record is.
        "type", "role", "say", "kind", "subtype", "event", "event.name", "eventName", "operationType", "usageScope",
        "service.name", "gen_ai.operation.name", "ai.operationId", "llm.request.type", "gen_ai.token.type",
        "gen_ai.token.cache", "gen_ai.token.phase", "protocol_version", "_table", "event.kind", "token_type", "method",
        "source", "thread_source", "history_mode",
        // Identities.
        "id", "uuid", "session.id", "sessionId", "session_id", "sessionID", "requestSessionId", "requestId",
        "request_id", "client_request_id", "messageID", "messageId", "message_id", "responseId", "response_id",
        "gen_ai.response.id", "gen_ai.conversation.id", "ai.response.id", "ai.telemetry.metadata.sessionId",
        "event.sequence", "event.timestamp", "prompt_id", "ulid", "agentId", "agent_id", "parent_agent_id",
        "parentID", "traceId", "spanId", "parentSpanId", "turn", "mill", "name", "thread_id", "turn_id",
        "toMessageId", "fromMessageId", "root_turn_id", "threadId", "turnId", "responseID", "parent_thread_id",
        "forked_from_id", "conversation.id", "thread.id", "host.name",
        // Who, with what, for what.
        "model", "modelID", "modelId", "providerID", "providerId", "provider", "providerLock", "model_provider",
        "gen_ai.request.model", "gen_ai.response.model", "ai.model.id", "ai.response.model", "modelVersion",
        "gen_ai.provider.name",
        "gen_ai.system", "ai.model.provider", "anthropic.provider", "agent", "mode", "agent.name", "agentName",
        "subagent_name", "gen_ai.agent.name", "query_source", "speed", "service_tier", "attributionAgent", "gitBranch",
        "branch", "repository", "team.id", "user.id", "user.email", "user.account_uuid", "user.account_id",
        "auth_type", "inference_geo", "originator", "effort",
        // Times, as text.
        "timestamp", "time", "startTime", "updated", "lastUpdated", "timeUnixNano", "startTimeUnixNano",
        "endTimeUnixNano", "observedTimeUnixNano", "providerLockTimestamp", "sessionStartTime", "received", "start",
    ]
    /// Members that hold a path, of which the last part is kept.
    private static let paths: Set<String> = ["cwd", "root", "folder", "directory"]
    /// Members that hold a path of which nothing is kept but an identity at its end.
    private static let references: Set<String> = ["parentSession"]
    /// Members whose own members' names are data.
    private static let tables: Set<String> = ["models", "modelMetrics", "modelUsage"]
    /// Members that hold JSON as text.
    private static let nested: Set<String> = ["text", "ai.response.providerMetadata"]
    /// What is added to every object.
    private static let additions = [
        "prompt", "response", "content", "tool_input", "gen_ai.input.messages", "error", "file.path", "toolUseResult",
        "slug", "attachment", "snapshot", "arguments", "output_text", text,
    ]

    /// The same input with the canary in every text that is not kept, and in members that it did not have.
    public static func salted(_ value: Any, key: String? = nil) -> Any {
        if let list = value as? [Any] { return list.map { salted($0, key: key) } }
        if let text = value as? String { return salted(text, key: key) }
        guard var object = value as? [String: Any] else { return value }
        // An attribute of OTLP has its name in a member.
        let isAttribute = object["key"] is String && object["value"] != nil
        for (name, member) in object where !isAttribute || name == "value" {
            object[name] = salted(member, key: isAttribute ? object["key"] as? String : otlpValue(name) ? key : name)
        }
        guard !isAttribute, !object.keys.contains(where: otlpValue) else { return object }
        if let key, tables.contains(key) { return object }
        for name in additions where object[name] == nil { object[name] = ["deep": [text, [text: text]]] }
        if var attributes = object["attributes"] as? [[String: Any]] {
            for name in additions { attributes.append(["key": name, "value": ["stringValue": text]]) }
            object["attributes"] = attributes
        }
        return object
    }

    private static func salted(_ text: String, key: String?) -> String {
        guard let key else { return Self.text + text }
        // A count that is written as text.
        if Double(text) != nil { return text }
        if kept.contains(key) || text.hasPrefix("claude_code.") { return text }
        if references.contains(key) { return "/home/\(Self.text)/" + (text.split(separator: "/").last ?? "") }
        if paths.contains(key) { return "/home/\(Self.text)/projects/app" }
        if nested.contains(key), let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
            let data = try? JSONSerialization.data(withJSONObject: salted(value))
        {
            return String(decoding: data, as: UTF8.self)
        }
        return Self.text + text
    }

    /// An input with the canary: JSON, or JSON on each line; a line that is none stays.
    public static func salted(_ text: Data, hasLines: Bool) throws -> Data {
        func record(_ text: Data) throws -> Data {
            let value = try JSONSerialization.jsonObject(with: text)
            return try JSONSerialization.data(withJSONObject: salted(value))
        }
        guard hasLines else { return try record(text) }
        let lines = text.split(separator: UInt8(ascii: "\n")).map { (try? record($0)) ?? $0 }
        return Data(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func otlpValue(_ name: String) -> Bool {
        ["stringValue", "intValue", "doubleValue", "boolValue", "arrayValue", "kvlistValue", "bytesValue"].contains(
            name)
    }
}
