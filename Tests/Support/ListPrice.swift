/// List prices written down a second time, apart from the price sheets, so that a wrong sheet shows.
public enum ListPrice {
    /// Picodollars per token: input, cache read, five-minute write, one-hour write, output.
    private static let rates: [String: [Int128]] = [
        "claude-opus-5-5": [4_000_000, 200_000, 5_000_000, 8_000_000, 20_000_000],
        "claude-opus-4-6": [5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000],
        "claude-haiku-4-5": [1_000_000, 100_000, 1_250_000, 2_000_000, 5_000_000],
    ]

    /// The models with a price here.
    public static let models = rates.keys.sorted()

    /// What the tokens of one call cost; `nil` for a model without a price here.
    public static func picodollars(_ tally: Tally, model: String) -> Int128? {
        guard let rate = rates[model] else { return nil }
        let counts = [
            tally.uncachedInput, tally.cacheRead, tally.cacheWrite5m + tally.cacheWrite, tally.cacheWrite1h,
            tally.output,
        ]
        return zip(rate, counts).reduce(0) { $0 + $1.0 * Int128($1.1) }
    }
}
