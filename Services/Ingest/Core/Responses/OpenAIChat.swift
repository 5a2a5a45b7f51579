import Metering
import Wire

/// OpenAI's Chat Completions API and those that follow it.
///
/// Only the last chunk of a stream has usage, or every chunk has the totals so far: either way the largest counts are the
/// answer's. Reasoning is inside the completion.
enum OpenAIChat: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<OpenAIUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in try readMember(key, &json, &part) }
    }

    /// Reads a member of a body or chunk.
    static func readMember(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<OpenAIUsage>
    ) throws(JSONError) {
        switch key {
        case "id": part.id = try json.scalarText()
        case "model": part.model = try json.scalarText()
        case "created": part.time = try json.instant()
        case "service_tier": part.serviceTier = ServedSelector.unlessUsual(try json.scalarText())
        case "usage":
            try json.objectIfAny { key, json throws(JSONError) in try part.usage.readChatMember(key, &json) }
        // Groq names an answer's usage once more, in the last chunk, where the client did not ask for it.
        case "x_groq":
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "usage" = key else { return try json.skip() }
                try json.objectIfAny { key, json throws(JSONError) in try part.usage.readChatMember(key, &json) }
            }
        default: try json.skip()
        }
    }
}

extension OpenAIUsage {
    /// Reads a member of the object as the Chat Completions API names it.
    mutating func readChatMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "prompt_tokens": input = try json.usageNumber()
        case "completion_tokens": output = try json.usageNumber()
        // Beside the details, as Moonshot and gateways write them.
        case "cached_tokens", "cache_read_input_tokens": cached.join(try json.usageNumber())
        case "cache_creation_input_tokens": written.join(try json.usageNumber())
        case "prompt_tokens_details":
            try json.objectIfAny { key, json throws(JSONError) in
                switch key {
                case "cached_tokens": cached.join(try json.usageNumber())
                case "cache_write_tokens", "cache_creation_tokens": written.join(try json.usageNumber())
                default: try json.skip()
                }
            }
        case "completion_tokens_details":
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "reasoning_tokens" = key else { return try json.skip() }
                reasoning = try json.usageNumber()
            }
        default: try json.skip()
        }
    }
}
