import Metering
import Wire

/// Google's `generateContent` and `streamGenerateContent`, bare or wrapped in a `response` as the code-assist API does.
///
/// Every chunk of a stream has the counts so far. The prompt includes what was read from a cache and excludes what tools
/// added; thoughts are reported beside the candidates and billed as output.
enum GenerateContent: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<GenerateContentUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            guard case "response" = key else { return try readMember(key, &json, &part) }
            try json.objectIfAny { key, json throws(JSONError) in try readMember(key, &json, &part) }
        }
    }

    private static func readMember(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<GenerateContentUsage>
    ) throws(JSONError) {
        switch key {
        case "responseId": part.id = try json.scalarText()
        case "modelVersion": part.model = try json.scalarText()
        case "createTime": part.time = try json.instant()
        case "usageMetadata":
            try json.objectIfAny { key, json throws(JSONError) in try part.usage.readMember(key, &json) }
        default: try json.skip()
        }
    }
}

/// The `usageMetadata` object.
struct GenerateContentUsage: ProviderUsage {
    var prompt: AttributeValue?
    var cached: AttributeValue?
    var toolUse: AttributeValue?
    var candidates: AttributeValue?
    var thoughts: AttributeValue?
    var total: AttributeValue?

    fileprivate mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "promptTokenCount": prompt = try json.usageNumber()
        case "cachedContentTokenCount": cached = try json.usageNumber()
        case "toolUsePromptTokenCount": toolUse = try json.usageNumber()
        case "candidatesTokenCount": candidates = try json.usageNumber()
        case "thoughtsTokenCount": thoughts = try json.usageNumber()
        case "totalTokenCount": total = try json.usageNumber()
        default: try json.skip()
        }
    }

    mutating func join(_ later: GenerateContentUsage) {
        prompt.join(later.prompt)
        cached.join(later.cached)
        toolUse.join(later.toolUse)
        candidates.join(later.candidates)
        thoughts.join(later.thoughts)
        total.join(later.total)
    }

    func counted() throws(Rejection) -> CountedUsage {
        let prompt = try prompt.count("promptTokenCount")
        let toolUse = try toolUse.count("toolUsePromptTokenCount")
        let thoughts = try thoughts.count("thoughtsTokenCount")
        var candidates = try candidates.count("candidatesTokenCount")
        let known = [prompt, toolUse, thoughts].reduce(Int64(0)) { sum, count in sum.addingClamped(count ?? 0) }
        // An answer that is all thought, or cut short, names no candidates: the total still knows them.
        if candidates ?? 0 == 0, let total = try total.count("totalTokenCount"), total > known, prompt != nil {
            candidates = total - known
        }
        var tokens = TokenCounts(reasoning: thoughts)
        if candidates != nil || thoughts != nil { tokens.output = (candidates ?? 0).addingClamped(thoughts ?? 0) }
        let note = tokens.setInput(
            total: prompt, read: try cached.count("cachedContentTokenCount"), written: nil, field: "promptTokenCount")
        if let toolUse { tokens.uncachedInput = (tokens.uncachedInput ?? 0).addingClamped(toolUse) }
        return CountedUsage(tokens, note: note)
    }
}
