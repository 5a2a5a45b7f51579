/// How full a model's context was in its calls.
public struct ContextUse: Hashable, Sendable {
    /// The model.
    public let model: String
    /// The model's context window in tokens, where it is known: the larger one of its kind where a call needed it.
    public let window: Int64?
    /// How many calls.
    public let calls: Int
    /// The largest input of a call.
    public let maximumInput: Int64
    /// The largest part of the window that a call filled.
    public let maximumRatio: Double?
    /// What 95 of 100 calls did not exceed (nearest rank).
    public let ratio95: Double?
    /// Calls that filled 80 % of the window or more.
    public let nearLimitCalls: Int

    init(model: String, inputs: [Int64]) {
        let sorted = inputs.sorted()
        let window = ContextWindow.tokens(of: model, holding: sorted.last ?? 0)
        let rank = (sorted.count * 95 + 99) / 100
        self.model = model
        self.window = window
        calls = sorted.count
        maximumInput = sorted.last ?? 0
        maximumRatio = window.map { Double(sorted.last ?? 0) / Double($0) }
        ratio95 = window.map { sorted.isEmpty ? 0 : Double(sorted[rank - 1]) / Double($0) }
        nearLimitCalls = window.map { window in sorted.count { $0 * 5 >= window * 4 } } ?? 0
    }
}

/// The sizes of context windows, by the beginnings of model names: those that Beacon knows.
enum ContextWindow {
    /// What a family's models offer beside their usual window, under the same name.
    private static let larger: [(prefix: String, tokens: Int64)] = [("claude", 1_000_000)]
    private static let sizes: [(prefix: String, tokens: Int64)] = [
        ("claude", 200_000), ("gpt-5", 400_000), ("gpt-4.1", 1_047_576), ("gpt-4o", 128_000), ("gpt-4-turbo", 128_000),
        ("gpt-4", 8_192), ("gpt-3.5", 16_385), ("o1", 200_000), ("o3", 200_000), ("o4", 200_000),
        ("gemini-1.5-pro", 2_097_152), ("gemini-1.5-flash", 1_048_576), ("gemini-2", 1_048_576),
        ("gemini-3", 1_048_576),
    ]

    /// The window of a model, its vendor's prefix left out; the longest matching beginning decides.
    ///
    /// Calls do not say in which of two windows they ran, but an input that does not fit the smaller one ran in the larger.
    /// - Parameter input: the largest input that a call is known to have had.
    /// - Returns: `nil` for a model nobody knows, and where the input fits no window that is known.
    static func tokens(of model: String, holding input: Int64) -> Int64? {
        guard let name = model.lowercased().split(separator: "/").last else { return nil }
        let usual = sizes.filter { name.hasPrefix($0.prefix) }.max { $0.prefix.count < $1.prefix.count }?.tokens
        guard let usual, input > usual else { return usual }
        return larger.first { name.hasPrefix($0.prefix) && $0.tokens >= input }?.tokens
    }
}
