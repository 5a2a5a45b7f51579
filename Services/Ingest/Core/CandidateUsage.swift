import Metering

/// Usage as Google's API words it, and as agents made for it pass it on: a prompt that includes what was cached, and
/// candidates.
struct CandidateUsage {
    /// All input but what tools added, the cached part included.
    var prompt: Int64?
    /// The part of the prompt that was read from a cache.
    var cached: Int64?
    /// The visible output.
    var candidates: Int64?
    /// Reasoning.
    var thoughts: Int64?
    /// Input that the provider's own tools added.
    var tool: Int64?
    /// Everything, as the source adds it up.
    var total: Int64?

    /// Where reasoning is counted.
    enum Thoughts: Sendable {
        /// Beside the candidates, always.
        case beside
        /// Inside or beside the candidates, as the total tells; inside where there is none.
        case asTotalTells
    }

    /// The usage in disjoint classes.
    func tokens(_ place: Thoughts) -> TokenCounts {
        var tokens = TokenCounts()
        let cached = cached ?? 0
        // More cached than the whole prompt: that source counts its parts apart.
        let own = prompt.map { $0 >= cached ? $0 - cached : $0 }
        tokens.uncachedInput = own.map { $0.addingClamped(tool ?? 0) } ?? tool
        tokens.cacheRead = self.cached
        tokens.output = candidates
        tokens.reasoning = thoughts
        if let thoughts, isBeside(place) { tokens.output = (candidates ?? 0).addingClamped(thoughts) }
        return tokens
    }

    private func isBeside(_ place: Thoughts) -> Bool {
        guard case .asTotalTells = place else { return true }
        guard let total, let thoughts, thoughts > 0 else { return false }
        let rest = [prompt, candidates, tool].reduce(thoughts) { $0.addingClamped($1 ?? 0) }
        return total == rest
    }
}
