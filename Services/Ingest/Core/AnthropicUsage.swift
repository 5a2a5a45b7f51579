import Metering
import Wire

/// The `usage` object of Anthropic's Messages API.
struct AnthropicUsage: ProviderUsage, Sendable {
    /// The model of the answer, where a provider's answer is read.
    var model: String?
    var input: AttributeValue?
    var output: AttributeValue?
    var cacheRead: AttributeValue?
    var cacheWrite: AttributeValue?
    var cacheWrite5m: AttributeValue?
    var cacheWrite1h: AttributeValue?
    /// Writes by lifetimes that came into being after this was written.
    var cacheWriteOther: [AttributeValue] = []
    var thinking: AttributeValue?
    var webSearches: AttributeValue?
    var serviceTier: String?
    var speed: String?
    var inferenceGeo: String?
    /// The steps of an answer, with their places.
    var iterations: [(index: Int, iteration: Iteration)] = []

    /// One step of an answer.
    struct Iteration: Sendable {
        var type = ""
        /// The model that took the step, where it is another than the answer's.
        var model: String?
        var usage = AnthropicUsage()

        /// Whether it is a step of the answer itself, and not an advisor's turn or a summary made on the way.
        var isOfTheAnswer: Bool { type == "message" }
        /// The role of the step inside the answer.
        var caller: String {
            switch type {
            case "advisor_message": "advisor"
            case "compaction": "compact"
            default: "fallback"
            }
        }
    }

    /// Reads the object.
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.object { key, json throws(JSONError) in try readMember(key, &json) }
    }

    private mutating func readMember(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "input_tokens": input = try json.usageNumber()
        case "output_tokens": output = try json.usageNumber()
        case "cache_read_input_tokens": cacheRead = try json.usageNumber()
        case "cache_creation_input_tokens": cacheWrite = try json.usageNumber()
        case "cache_creation", "output_tokens_details", "server_tool_use":
            try json.objectIfAny { key, json throws(JSONError) in try readDetail(key, &json) }
        case "service_tier": serviceTier = try json.scalarText()
        case "speed": speed = try json.scalarText()
        case "inference_geo": inferenceGeo = try json.scalarText()
        case "iterations": try readIterations(&json)
        default: try json.skip()
        }
    }

    private mutating func readDetail(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "ephemeral_5m_input_tokens": cacheWrite5m = try json.usageNumber()
        case "ephemeral_1h_input_tokens": cacheWrite1h = try json.usageNumber()
        case let key where key.string.hasPrefix("ephemeral_"):
            if let count = try json.usageNumber(), cacheWriteOther.count < 8 { cacheWriteOther.append(count) }
        case "thinking_tokens": thinking = try json.usageNumber()
        case "web_search_requests": webSearches = try json.usageNumber()
        default: try json.skip()
        }
    }

    private mutating func readIterations(_ json: inout JSONReader) throws(JSONError) {
        guard try json.kind() == .array else { return try json.skip() }
        var index = 0
        try json.array { json throws(JSONError) in
            defer { index += 1 }
            guard index < Attributes.maximumValues, try json.kind() == .object else { return try json.skip() }
            var iteration = Iteration()
            try json.object { key, json throws(JSONError) in
                switch key {
                case "type": iteration.type = try json.scalarText() ?? ""
                case "model": iteration.model = try json.scalarText()
                default: try iteration.usage.readMember(key, &json)
                }
            }
            iterations.append((index, iteration))
        }
    }

    /// The steps that are billed beside the object's own counts, with their places.
    ///
    /// The counts are the sum of the steps of type `message` by the answer's model. A compaction, an advisor's message and
    /// an attempt of a model that another one then took over from are billed as well, each by itself, and are in none of
    /// them: "Compaction" in Anthropic's documentation of its API. A step under another model's name is
    /// beside the counts only where the answer's own steps make them up.
    ///
    /// - Parameter model: the model of the answer; `nil` where it is not known.
    func stepsBeside(_ model: String?) -> [(index: Int, iteration: Iteration)] {
        let own = iterations.filter { $0.iteration.isOfTheAnswer && ($0.iteration.model ?? model) == model }
        var sum: [Int64] = [0, 0]
        for (_, step) in own {
            guard let counts = try? step.usage.tokens().inputAndOutput else { continue }
            for index in sum.indices { sum[index] = sum[index].addingClamped(counts[index]) }
        }
        let isSumOfOwn = model != nil && (try? tokens().inputAndOutput) == sum
        return iterations.filter { _, step in
            guard step.isOfTheAnswer else { return true }
            return isSumOfOwn && step.model.map { $0 != model } ?? false
        }
    }

    /// The counts of the answer's own steps, where there are several: each is priced by its own size.
    func billedParts(_ model: String?) throws(Rejection) -> [TokenCounts] {
        let beside = Set(stepsBeside(model).map(\.index))
        let own = iterations.filter { !beside.contains($0.index) }
        guard own.count > 1 else { return [] }
        var parts: [TokenCounts] = []
        for (_, step) in own {
            let part = try step.usage.tokens()
            if part.hasUsage { parts.append(part) }
        }
        let whole = try tokens()
        return parts.count > 1 && whole.isSum(of: parts) ? parts : []
    }

    /// The counts.
    func tokens() throws(Rejection) -> TokenCounts {
        func count(_ value: AttributeValue?, _ field: StaticString) throws(Rejection) -> Int64? {
            guard let value else { return nil }
            return try Self.count(value, field)
        }
        var tokens = TokenCounts(
            uncachedInput: try count(input, "input_tokens"),
            cacheRead: try count(cacheRead, "cache_read_input_tokens"),
            output: try count(output, "output_tokens"),
            reasoning: try count(thinking, "thinking_tokens"))
        var other: Int64 = 0
        for value in cacheWriteOther { other = other.addingClamped(try Self.count(value, "cache_creation")) }
        tokens.setCacheWrites(
            total: try count(cacheWrite, "cache_creation_input_tokens"),
            fiveMinutes: try count(cacheWrite5m, "ephemeral_5m_input_tokens"),
            oneHour: try count(cacheWrite1h, "ephemeral_1h_input_tokens"), other: other)
        return tokens
    }

    /// Takes in what a later event of the same answer says: counts grow, texts are replaced.
    mutating func join(_ later: AnthropicUsage) {
        model = model ?? later.model
        input.join(later.input)
        output.join(later.output)
        cacheRead.join(later.cacheRead)
        cacheWrite.join(later.cacheWrite)
        cacheWrite5m.join(later.cacheWrite5m)
        cacheWrite1h.join(later.cacheWrite1h)
        if !later.cacheWriteOther.isEmpty { cacheWriteOther = later.cacheWriteOther }
        thinking.join(later.thinking)
        webSearches.join(later.webSearches)
        serviceTier = later.serviceTier ?? serviceTier
        speed = later.speed ?? speed
        inferenceGeo = later.inferenceGeo ?? inferenceGeo
        if !later.iterations.isEmpty { iterations = later.iterations }
    }

    /// A count, or a rejection that names its member.
    static func count(_ value: AttributeValue, _ field: StaticString) throws(Rejection) -> Int64 {
        do throws(RejectionReason) {
            return try UsageNumbers.count(value)
        } catch {
            throw Rejection(error, field: field)
        }
    }

    /// Adds everything the object says to an identity.
    ///
    /// - Parameter model: the model of the answer.
    func add(to hasher: inout RecordHasher, model: String?) {
        for value in [input, output, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, thinking, webSearches] {
            hasher.add(value ?? .empty)
        }
        for value in cacheWriteOther { hasher.add(value) }
        for text in [serviceTier, speed, inferenceGeo] { hasher.add(text ?? "") }
        for part in (try? billedParts(model)) ?? [] {
            for tokenClass in TokenClass.allCases { hasher.add(part[tokenClass] ?? -1) }
        }
        for (index, iteration) in stepsBeside(model) {
            hasher.add(Int64(index))
            hasher.add(iteration.model ?? "")
            iteration.usage.add(to: &hasher, model: nil)
        }
    }
}

extension TokenCounts {
    /// Input of all classes and output; what was not reported is none.
    fileprivate var inputAndOutput: [Int64] { [inputTokens ?? 0, output ?? 0] }
}
