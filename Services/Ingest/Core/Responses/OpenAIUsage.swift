import Metering
import Wire

/// The `usage` object of OpenAI's APIs and of those that follow them, with the names of both generations.
///
/// Input includes what is read from and written to a cache. Which names a dialect reads is the dialect's own.
struct OpenAIUsage: ProviderUsage {
    var input: AttributeValue?
    var output: AttributeValue?
    var cached: AttributeValue?
    var written: AttributeValue?
    var reasoning: AttributeValue?
    /// The provider's own price of the answer, in ten thousand millionths of a US dollar.
    var costTicks: AttributeValue?
    /// The provider's own price of the answer, in US dollars.
    var cost: AttributeValue?

    mutating func join(_ later: OpenAIUsage) {
        input.join(later.input)
        output.join(later.output)
        cached.join(later.cached)
        written.join(later.written)
        reasoning.join(later.reasoning)
        costTicks.join(later.costTicks)
        cost = later.cost ?? cost
    }

    func counted() throws(Rejection) -> CountedUsage {
        var tokens = TokenCounts(
            output: try output.count("output_tokens"), reasoning: try reasoning.count("reasoning_tokens"))
        let note = tokens.setInput(
            total: try input.count("input_tokens"), read: try cached.count("cached_tokens"),
            written: try written.count("cache_write_tokens"), field: "input_tokens")
        return CountedUsage(tokens, cost: try amount(), note: note)
    }

    private func amount() throws(Rejection) -> Amount? {
        if let ticks = try costTicks.count("cost_in_usd_ticks") {
            let (picodollars, overflow) = ticks.multipliedReportingOverflow(by: 100)
            guard !overflow, picodollars <= UsageNumbers.maximumCost.picodollars else {
                throw Rejection(.costOutOfRange, field: "cost_in_usd_ticks")
            }
            return Amount(picodollars: picodollars)
        }
        guard let cost else { return nil }
        do throws(RejectionReason) { return try UsageNumbers.cost(cost) } catch {
            throw Rejection(error, field: "cost")
        }
    }
}
