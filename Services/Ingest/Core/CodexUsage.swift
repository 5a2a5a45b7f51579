import Metering
import Wire

/// Codex's usage object: in session files and printed events with underscores, in notifications in camel case.
struct CodexUsage: Hashable {
    var input: AttributeValue?
    var cached: AttributeValue?
    var written: AttributeValue?
    var output: AttributeValue?
    var reasoning: AttributeValue?
    var total: AttributeValue?

    /// Reads the object; `nil` where there is none.
    static func read(_ json: inout JSONReader) throws(JSONError) -> CodexUsage? {
        guard try json.kind() == .object else {
            try json.skip()
            return nil
        }
        var usage = CodexUsage()
        try json.object { key, json throws(JSONError) in
            switch key {
            case "input_tokens", "inputTokens": usage.input = try json.usageNumber()
            case "cached_input_tokens", "cachedInputTokens": usage.cached = try json.usageNumber()
            case "cache_write_input_tokens", "cacheWriteInputTokens": usage.written = try json.usageNumber()
            case "output_tokens", "outputTokens": usage.output = try json.usageNumber()
            case "reasoning_output_tokens", "reasoningOutputTokens": usage.reasoning = try json.usageNumber()
            case "total_tokens", "totalTokens": usage.total = try json.usageNumber()
            default: try json.skip()
            }
        }
        return usage
    }

    /// The counts as reported: input with all of its parts.
    func counts() throws(Rejection) -> Counts {
        func count(_ value: AttributeValue?, _ field: StaticString) throws(Rejection) -> Int64? {
            guard let value else { return nil }
            do throws(RejectionReason) { return try UsageNumbers.count(value) } catch {
                throw Rejection(error, field: field)
            }
        }
        return Counts(
            input: try count(input, "input_tokens"), cached: try count(cached, "cached_input_tokens"),
            written: try count(written, "cache_write_input_tokens"), output: try count(output, "output_tokens"),
            reasoning: try count(reasoning, "reasoning_output_tokens"))
    }

    /// Counts of which input includes what was read from and written to a cache, and output includes reasoning.
    struct Counts: Hashable {
        var input: Int64?
        var cached: Int64?
        var written: Int64?
        var output: Int64?
        var reasoning: Int64?

        /// Whether something was used: after compaction only an estimate of the context is given, as a total.
        var hasUsage: Bool { [input, cached, written, output, reasoning].contains { ($0 ?? 0) > 0 } }

        /// The counts in disjoint classes.
        var tokens: TokenCounts {
            CodexUsage.tokens(input: input, cached: cached, written: written, output: output, reasoning: reasoning)
        }

        /// Tells whether no count is below another's.
        func isAtLeast(_ other: Counts) -> Bool {
            zip(list, other.list).allSatisfy { $0 ?? 0 >= $1 ?? 0 }
        }

        static func - (left: Counts, right: Counts) -> Counts {
            func difference(_ left: Int64?, _ right: Int64?) -> Int64? {
                left.map { $0.subtractingClamped(right ?? 0) }
            }
            return Counts(
                input: difference(left.input, right.input), cached: difference(left.cached, right.cached),
                written: difference(left.written, right.written), output: difference(left.output, right.output),
                reasoning: difference(left.reasoning, right.reasoning))
        }

        /// Every count, to compare and to hash; what is not reported counts as zero there.
        var list: [Int64?] { [input, cached, written, output, reasoning] }
    }
}

extension CodexUsage {
    /// Disjoint classes of counts whose input includes its parts.
    static func tokens(
        input: Int64?, cached: Int64?, written: Int64?, output: Int64?, reasoning: Int64?
    ) -> TokenCounts {
        let parts = (cached ?? 0).addingClamped(written ?? 0)
        return TokenCounts(
            uncachedInput: input.map { max(0, $0.subtractingClamped(parts)) }, cacheRead: cached, cacheWrite: written,
            output: output, reasoning: reasoning)
    }

    /// What an aggregate of a class counts: parts of the input are taken out of it.
    static func measure(of tokenClass: TokenClass) -> AggregatePoint.Measure {
        switch tokenClass {
        case .cacheRead, .cacheWrite: .tokens(tokenClass, within: .uncachedInput)
        default: .tokens(tokenClass, within: nil)
        }
    }

    /// What the reports of one call have in common on channels that share no identity.
    static func pairing(thread: String, _ tokens: TokenCounts) -> ContentID {
        var hasher = RecordHasher("codex.call")
        hasher.add(thread)
        for count in [tokens.uncachedInput, tokens.cacheRead, tokens.cacheWrite, tokens.output, tokens.reasoning] {
            hasher.add(count ?? 0)
        }
        return hasher.identity()
    }
}
