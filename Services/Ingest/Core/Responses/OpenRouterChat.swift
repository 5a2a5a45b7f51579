import Metering
import Wire

/// OpenRouter: the Chat Completions API, with what the answer cost in US dollars.
enum OpenRouterChat: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<OpenAIUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            guard case "usage" = key else { return try OpenAIChat.readMember(key, &json, &part) }
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "cost" = key else { return try part.usage.readChatMember(key, &json) }
                part.usage.cost = try json.moneyNumber()
            }
        }
    }
}
