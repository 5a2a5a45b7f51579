import Metering
import Wire

/// OpenAI's Responses API: a body, or the events of a stream that hold the whole response.
///
/// The names are those of Anthropic's, the meaning is not: input includes what is read from and written to a cache.
enum OpenAIResponses: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<OpenAIUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            guard case "response" = key else { return try readMember(key, &json, &part) }
            try json.objectIfAny { key, json throws(JSONError) in try readMember(key, &json, &part) }
        }
    }

    private static func readMember(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<OpenAIUsage>
    ) throws(JSONError) {
        switch key {
        case "id": part.id = try json.scalarText()
        case "model": part.model = try json.scalarText()
        case "created_at":
            let time = try json.instant()
            part.time = part.time ?? time
        case "completed_at":
            let time = try json.instant()
            part.time = time ?? part.time
        case "service_tier": part.serviceTier = ServedSelector.unlessUsual(try json.scalarText())
        case "usage":
            try json.objectIfAny { key, json throws(JSONError) in try part.usage.readResponsesMember(key, &json) }
        default: try json.skip()
        }
    }
}

extension OpenAIUsage {
    /// Reads a member of the object as the Responses API names it.
    mutating func readResponsesMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "input_tokens": input = try json.usageNumber()
        case "output_tokens": output = try json.usageNumber()
        case "cost_in_usd_ticks": costTicks = try json.usageNumber()
        // The real-time API writes the singular.
        case "input_tokens_details", "input_token_details":
            try json.objectIfAny { key, json throws(JSONError) in
                switch key {
                case "cached_tokens": cached = try json.usageNumber()
                case "cache_write_tokens": written = try json.usageNumber()
                default: try json.skip()
                }
            }
        case "output_tokens_details", "output_token_details":
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "reasoning_tokens" = key else { return try json.skip() }
                reasoning = try json.usageNumber()
            }
        default: try json.skip()
        }
    }
}
