import Metering
import Wire

/// xAI's Chat Completions API: reasoning is reported beside the completion, and the price of the answer with it.
enum XAIChat: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<XAIUsage>) throws(JSONError) {
        var chat = AnswerPart<OpenAIUsage>()
        try json.object { key, json throws(JSONError) in
            guard case "usage" = key else { return try OpenAIChat.readMember(key, &json, &chat) }
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "cost_in_usd_ticks" = key else { return try chat.usage.readChatMember(key, &json) }
                chat.usage.costTicks = try json.usageNumber()
            }
        }
        part.id = chat.id
        part.model = chat.model
        part.time = chat.time
        part.serviceTier = chat.serviceTier
        part.usage.chat = chat.usage
    }
}

/// Counts as xAI's chat writes them.
struct XAIUsage: ProviderUsage {
    var chat = OpenAIUsage()

    mutating func join(_ later: XAIUsage) { chat.join(later.chat) }

    func counted() throws(Rejection) -> CountedUsage {
        var counted = try chat.counted()
        if let output = counted.tokens.output {
            counted.tokens.output = output.addingClamped(counted.tokens.reasoning ?? 0)
        }
        return counted
    }
}
