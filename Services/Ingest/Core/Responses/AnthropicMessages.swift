import Metering
import Wire

/// Anthropic's Messages API and those that are compatible with it.
///
/// Input excludes what is read from and written to a cache. A stream begins with `message_start`, which has the input and
/// a first output count; the counts of every `message_delta` after it are totals so far.
enum AnthropicMessages: ResponseDialect {
    static let identity = CallKey.Kind.message

    static func read(_ json: inout JSONReader, into part: inout AnswerPart<AnthropicUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "type":
                let type = try json.scalarText()
                part.begins = part.begins || type == "message_start" || type == "message"
                part.ends = part.ends || type == "message"
            case "message": try json.objectIfAny { key, json throws(JSONError) in try readMessage(key, &json, &part) }
            default: try readMessage(key, &json, &part)
            }
        }
        part.serviceTier = ServedSelector.unlessUsual(part.usage.serviceTier)
        part.speed = ServedSelector.unlessUsual(part.usage.speed)
        part.inferenceGeo = ServedSelector.unlessUsual(part.usage.inferenceGeo)
        part.webSearches = part.usage.webSearches
        part.usage.model = part.model
    }

    private static func readMessage(
        _ key: JSONKey, _ json: inout JSONReader, _ part: inout AnswerPart<AnthropicUsage>
    ) throws(JSONError) {
        switch key {
        case "id": part.id = try json.scalarText()
        case "model": part.model = try json.scalarText()
        case "usage":
            guard try json.kind() == .object else { return try json.skip() }
            try part.usage.read(&json)
        default: try json.skip()
        }
    }
}

extension AnthropicUsage {
    func counted() throws(Rejection) -> CountedUsage {
        var usage = CountedUsage(try tokens())
        usage.billedParts = try billedParts(model)
        usage.steps = stepsBeside(model).map { index, step in
            AnswerStep(index: index, model: step.model, caller: step.caller, usage: step.usage)
        }
        return usage
    }
}
