import Metering
import Wire

/// Kiro's event stream, as JSON: `metricsEvent`, `usageEvent` and `metadataEvent`, or what they hold.
///
/// Input excludes what is read from and written to a cache. Which of the counts appear differs by version. A share of the
/// context window is no count and is not read.
enum KiroEvents: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<KiroUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in try readMember(key, &json, &part) }
    }

    private static func readMember(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<KiroUsage>
    ) throws(JSONError) {
        switch key {
        case "metricsEvent", "usageEvent", "metadataEvent", "tokenUsage":
            try json.objectIfAny { key, json throws(JSONError) in try readMember(key, &json, &part) }
        case "modelId": part.model = try json.scalarText()
        default: try part.usage.readMember(key, &json)
        }
    }
}

/// Counts as Kiro writes them.
struct KiroUsage: ProviderUsage {
    var input: AttributeValue?
    var uncached: AttributeValue?
    var output: AttributeValue?
    var read: AttributeValue?
    var written: AttributeValue?

    fileprivate mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "inputTokens": input = try json.usageNumber()
        case "uncachedInputTokens": uncached = try json.usageNumber()
        case "outputTokens": output = try json.usageNumber()
        case "cacheReadInputTokens", "cache_read_input_tokens": read = try json.usageNumber()
        case "cacheWriteInputTokens", "cache_creation_input_tokens": written = try json.usageNumber()
        default: try json.skip()
        }
    }

    mutating func join(_ later: KiroUsage) {
        input.join(later.input)
        uncached.join(later.uncached)
        output.join(later.output)
        read.join(later.read)
        written.join(later.written)
    }

    func counted() throws(Rejection) -> CountedUsage {
        let input = try input.count("inputTokens")
        return CountedUsage(
            TokenCounts(
                uncachedInput: try uncached.count("uncachedInputTokens") ?? input,
                cacheRead: try read.count("cacheReadInputTokens"),
                cacheWrite: try written.count("cacheWriteInputTokens"), output: try output.count("outputTokens")))
    }
}
