/// A company or host that serves models, named as in OpenTelemetry's `gen_ai.provider.name`; an open set.
public struct Provider: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name, such as `anthropic`.
    public let rawValue: String

    /// Makes a provider from its name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }

    /// Anthropic's own API.
    public static let anthropic = Provider(rawValue: "anthropic")
    /// OpenAI's own API.
    public static let openAI = Provider(rawValue: "openai")
    /// Google's Gemini API.
    public static let google = Provider(rawValue: "google")
}
