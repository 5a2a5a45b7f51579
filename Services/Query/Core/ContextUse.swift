/// How full a model's context was in its calls.
public struct ContextUse: Hashable, Sendable {
    /// The model.
    public let model: String
    /// The model's context window in tokens, where it is known.
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
        let window = ContextWindow.tokens(of: model)
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
    private static let sizes: [(prefix: String, tokens: Int64)] = [
        ("claude", 200_000), ("gpt-5", 400_000), ("gpt-4.1", 1_047_576), ("gpt-4o", 128_000), ("gpt-4-turbo", 128_000),
        ("gpt-4", 8_192), ("gpt-3.5", 16_385), ("o1", 200_000), ("o3", 200_000), ("o4", 200_000),
        ("gemini-1.5-pro", 2_097_152), ("gemini-1.5-flash", 1_048_576), ("gemini-2", 1_048_576),
        ("gemini-3", 1_048_576),
    ]

    /// The window of a model, its vendor's prefix left out; the longest matching beginning decides.
    static func tokens(of model: String) -> Int64? {
        guard let name = model.lowercased().split(separator: "/").last else { return nil }
        return sizes.filter { name.hasPrefix($0.prefix) }.max { $0.prefix.count < $1.prefix.count }?.tokens
    }
}
