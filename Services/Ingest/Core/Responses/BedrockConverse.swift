import Metering
import Wire

/// Amazon Bedrock's Converse API: a body, or the events of a stream, of which `metadata` has the counts.
///
/// Input excludes what is read from and written to a cache. Neither the model nor an id is in the answer.
enum BedrockConverse: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<BedrockUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            guard case "metadata" = key else { return try readMember(key, &json, &part) }
            try json.objectIfAny { key, json throws(JSONError) in try readMember(key, &json, &part) }
        }
    }

    private static func readMember(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<BedrockUsage>
    ) throws(JSONError) {
        switch key {
        case "usage":
            guard try json.kind() == .object else { return try json.skip() }
            // The counts come once, at the end.
            part.ends = true
            try json.object { key, json throws(JSONError) in try part.usage.readMember(key, &json) }
        case "serviceTier":
            try json.objectIfAny { key, json throws(JSONError) in
                guard case "type" = key else { return try json.skip() }
                part.serviceTier = ServedSelector.unlessUsual(try json.scalarText())
            }
        default: try json.skip()
        }
    }
}

/// The `usage` object of Converse.
struct BedrockUsage: ProviderUsage {
    var input: AttributeValue?
    var output: AttributeValue?
    var read: AttributeValue?
    var written: AttributeValue?
    var written5m: AttributeValue?
    var written1h: AttributeValue?

    fileprivate mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "inputTokens": input = try json.usageNumber()
        case "outputTokens": output = try json.usageNumber()
        case "cacheReadInputTokens": read = try json.usageNumber()
        case "cacheWriteInputTokens": written = try json.usageNumber()
        case "cacheDetails":
            guard try json.kind() == .array else { return try json.skip() }
            try json.array { json throws(JSONError) in try readCacheDetail(&json) }
        default: try json.skip()
        }
    }

    private mutating func readCacheDetail(_ json: inout JSONReader) throws(JSONError) {
        var lifetime: String?
        var count: AttributeValue?
        try json.objectIfAny { key, json throws(JSONError) in
            switch key {
            case "ttl": lifetime = try json.scalarText()
            case "inputTokens": count = try json.usageNumber()
            default: try json.skip()
            }
        }
        switch lifetime {
        case "5m": written5m = count
        case "1h": written1h = count
        default: break
        }
    }

    mutating func join(_ later: BedrockUsage) {
        input.join(later.input)
        output.join(later.output)
        read.join(later.read)
        written.join(later.written)
        written5m.join(later.written5m)
        written1h.join(later.written1h)
    }

    func counted() throws(Rejection) -> CountedUsage {
        var tokens = TokenCounts(
            uncachedInput: try input.count("inputTokens"), cacheRead: try read.count("cacheReadInputTokens"),
            output: try output.count("outputTokens"))
        tokens.setCacheWrites(
            total: try written.count("cacheWriteInputTokens"), fiveMinutes: try written5m.count("cacheDetails"),
            oneHour: try written1h.count("cacheDetails"))
        return CountedUsage(tokens)
    }
}
