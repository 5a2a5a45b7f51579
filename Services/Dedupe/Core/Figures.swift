import Metering

/// What one report, or all reports of one channel together, say a call used; `nil` is not reported, 0 is reported zero.
struct Figures: Hashable, Sendable {
    var uncachedInput: Int64?
    var cacheRead: Int64?
    var cacheWrites: CacheWrites?
    var output: Int64?
    var reasoning: Int64?
    /// In picodollars.
    var cost: Int64?
    var webSearchRequests: Int64?

    init() {}

    init(_ observation: Observation) {
        guard case .call(_, let tokens, let cost) = observation.content else { return }
        set(tokens)
        self.cost = cost?.picodollars
        webSearchRequests = observation.webSearchRequests
    }

    mutating func set(_ tokens: TokenCounts) {
        uncachedInput = tokens.uncachedInput
        cacheRead = tokens.cacheRead
        cacheWrites = CacheWrites(tokens)
        output = tokens.output
        reasoning = tokens.reasoning
    }

    /// The value of a field; for cache writes their total.
    subscript(field: Field) -> Int64? {
        switch field {
        case .uncachedInput: uncachedInput
        case .cacheRead: cacheRead
        case .cacheWrite: cacheWrites?.total
        case .output: output
        case .reasoning: reasoning
        case .cost: cost
        }
    }

    /// The fields that are reported with something other than zero.
    var nonZeroFields: FieldSet {
        var fields: FieldSet = []
        for field in Field.allCases where (self[field] ?? 0) != 0 { fields.insert(FieldSet(field)) }
        return fields
    }

    var tokens: TokenCounts {
        TokenCounts(
            uncachedInput: uncachedInput, cacheRead: cacheRead, cacheWrite5m: cacheWrites?.fiveMinutes,
            cacheWrite1h: cacheWrites?.oneHour, cacheWrite: cacheWrites?.unstated, output: output, reasoning: reasoning)
    }

    /// Whether nothing tells how much was used.
    var isEmpty: Bool { Field.allCases.allSatisfy { self[$0] == nil } }

    /// Rule `fieldwise-maximum`: what the reports of one channel agree on, because they only ever grow.
    func fieldwiseMaximum(_ other: Figures) -> Figures {
        combined(with: other, Larger())
    }

    /// Rule `channel-authority`: what is missing here is taken from a channel that is believed less.
    func filled(from other: Figures) -> Figures {
        combined(with: other, Former())
    }

    private func combined(with other: Figures, _ choice: some Choice) -> Figures {
        var result = Figures()
        result.uncachedInput = choice.pick(uncachedInput, other.uncachedInput)
        result.cacheRead = choice.pick(cacheRead, other.cacheRead)
        result.cacheWrites = choice.pick(cacheWrites, other.cacheWrites)
        result.output = choice.pick(output, other.output)
        result.reasoning = choice.pick(reasoning, other.reasoning)
        result.cost = choice.pick(cost, other.cost)
        result.webSearchRequests = choice.pick(webSearchRequests, other.webSearchRequests)
        return result
    }
}

/// How to choose between two values, one of which may be missing.
private protocol Choice {
    func pick<Value: Comparable>(_ left: Value?, _ right: Value?) -> Value?
}

private struct Larger: Choice {
    func pick<Value: Comparable>(_ left: Value?, _ right: Value?) -> Value? {
        guard let left else { return right }
        guard let right else { return left }
        return max(left, right)
    }
}

private struct Former: Choice {
    func pick<Value: Comparable>(_ left: Value?, _ right: Value?) -> Value? { left ?? right }
}
