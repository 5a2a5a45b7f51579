import Metering
import Wire

/// Ollama's own API: a body, or lines of which the last is `done`.
///
/// There is no cache that is told apart.
enum OllamaAnswer: ResponseDialect {
    static func read(_ json: inout JSONReader, into part: inout AnswerPart<OllamaUsage>) throws(JSONError) {
        try json.object { key, json throws(JSONError) in
            switch key {
            case "model": part.model = try json.scalarText()
            case "created_at": part.time = try json.instant()
            case "done": part.ends = try json.scalar() == .boolean(true)
            case "prompt_eval_count": part.usage.prompt = try json.usageNumber()
            case "eval_count": part.usage.output = try json.usageNumber()
            default: try json.skip()
            }
        }
    }
}

/// Counts as Ollama writes them.
struct OllamaUsage: ProviderUsage {
    var prompt: AttributeValue?
    var output: AttributeValue?

    mutating func join(_ later: OllamaUsage) {
        prompt.join(later.prompt)
        output.join(later.output)
    }

    func counted() throws(Rejection) -> CountedUsage {
        CountedUsage(
            TokenCounts(
                uncachedInput: try prompt.count("prompt_eval_count"), output: try output.count("eval_count")))
    }
}
