import Metering
import Wire

/// DeepSeek's Chat Completions API: what was found in the cache and what was not are counts of their own.
enum DeepSeekChat: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<DeepSeekUsage>) throws(JSONError) {
        var chat = AnswerPart<OpenAIUsage>()
        try json.object { key, json throws(JSONError) in
            guard case "usage" = key else { return try OpenAIChat.readMember(key, &json, &chat) }
            try json.objectIfAny { key, json throws(JSONError) in
                switch key {
                case "prompt_cache_hit_tokens": part.usage.hit = try json.usageNumber()
                case "prompt_cache_miss_tokens": part.usage.miss = try json.usageNumber()
                default: try chat.usage.readChatMember(key, &json)
                }
            }
        }
        part.id = chat.id
        part.model = chat.model
        part.time = chat.time
        part.serviceTier = chat.serviceTier
        part.usage.chat = chat.usage
    }
}

/// Counts as DeepSeek writes them: hit and miss together are the prompt.
struct DeepSeekUsage: ProviderUsage {
    var chat = OpenAIUsage()
    var hit: AttributeValue?
    var miss: AttributeValue?

    mutating func join(_ later: DeepSeekUsage) {
        chat.join(later.chat)
        hit.join(later.hit)
        miss.join(later.miss)
    }

    func counted() throws(Rejection) -> CountedUsage {
        var whole = chat
        whole.cached.join(hit)
        var counted = try whole.counted()
        guard let miss = try miss.count("prompt_cache_miss_tokens") else { return counted }
        counted.tokens.uncachedInput = miss
        counted.note = nil
        return counted
    }
}
