public import Metering
public import Wire

/// What Claude Code tells a status line about its session.
public struct StatusHook: Hashable, Sendable {
    /// The session.
    public var session: String?
    /// The model as people call it.
    public var model: String?
    /// How hard the model thinks, where it is told.
    public var effort: String?
    /// What Claude Code thinks that the session has cost.
    public var cost: AmountTotal?
    /// The input of the last call, caches included.
    public var contextTokens: Int64?
    /// How much input the model takes.
    public var contextSize: Int64?

    /// Knows nothing.
    public init() {}

    /// Reads the hook's JSON; what it does not hold stays unknown.
    ///
    /// - Throws: `JSONError` when the text is not an object.
    public init(json text: [UInt8]) throws(JSONError) {
        let hook = try JSONDocument(json: text)
        guard case .object = hook else { throw JSONError(.unexpectedByte, at: 0) }
        session = hook["session_id"]?.text
        model = (hook["model"]?["display_name"]?.text ?? hook["model"]?["id"]?.text).map(Self.printable)
        effort = hook["effort"]?["level"]?.text.map(Self.printable)
        // Claude Code computes in binary fractions; more digits than picodollars are rounded away.
        cost = hook["cost"]?["total_cost_usd"]?.decimal.flatMap { Amount(dollars: $0) }
            .map { AmountTotal(picodollars: Int128($0.picodollars)) }
        let window = hook["context_window"]
        contextSize = window?["context_window_size"]?.decimal.flatMap { Int64($0) }
        contextTokens =
            Self.lastInput(window?["current_usage"])
            ?? window?["total_input_tokens"]?.decimal.flatMap { Int64($0) }
    }

    /// The text without what a terminal would obey instead of showing it.
    private static func printable(_ text: String) -> String {
        var scalars = text.unicodeScalars
        scalars.removeAll { $0.properties.generalCategory == .control }
        return String(scalars)
    }

    private static func lastInput(_ usage: JSONDocument?) -> Int64? {
        guard let usage, let input = usage["input_tokens"]?.decimal.flatMap({ Int64($0) }) else { return nil }
        return ["cache_creation_input_tokens", "cache_read_input_tokens"].reduce(input) { sum, name in
            sum.addingClamped(usage[name]?.decimal.flatMap { Int64($0) } ?? 0)
        }
    }
}
