import Metering

/// The spans of the AI SDK, which name requests in their own way beside the general conventions.
///
/// An operation such as `ai.streamText` sums up its steps; only a step's own span, such as `ai.streamText.doStream`, is a
/// request. Input includes cached tokens as a rule; what the provider itself reported is exact, where it is passed on.
enum AISDKSpan {
    private static let providerUsage = FieldReader([
        "anthropic.usage.input_tokens", "anthropic.usage.output_tokens", "anthropic.usage.cache_read_input_tokens",
        "anthropic.usage.cache_creation_input_tokens",
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens",
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
    ])

    /// Whether a span is one request to a model; `nil` when it is no span of the SDK.
    static func isRequest(_ attributes: Attributes) -> Bool? {
        guard case .text(let operation)? = attributes["ai.operationId"] else { return nil }
        return operation.hasSuffix(".doStream") || operation.hasSuffix(".doGenerate")
            || operation.hasSuffix(".doEmbed")
    }

    /// The usage in disjoint classes.
    static func tokens(of attributes: Attributes) throws(Rejection) -> TokenCounts {
        let reasoning = try attributes.count(
            firstOf: "ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens",
            "gen_ai.usage.reasoning.output_tokens")
        if var tokens = try providerTokens(attributes) {
            tokens.reasoning = reasoning
            return tokens
        }
        let input = try attributes.count(
            firstOf: "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "ai.usage.inputTokens",
            "ai.usage.promptTokens", "ai.usage.tokens")
        let read = try attributes.count(
            firstOf: "ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens",
            "gen_ai.usage.cache_read.input_tokens")
        let written = try attributes.count(
            firstOf: "ai.usage.inputTokenDetails.cacheWriteTokens", "gen_ai.usage.cache_creation.input_tokens")
        let cached = (read ?? 0).addingClamped(written ?? 0)
        return TokenCounts(
            uncachedInput: input.map { $0 >= cached ? $0 - cached : $0 }, cacheRead: read, cacheWrite: written,
            output: try attributes.count(
                firstOf: "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "ai.usage.outputTokens",
                "ai.usage.completionTokens"),
            reasoning: reasoning)
    }

    /// What the provider reported, as it is passed on in a text of JSON; `nil` where it is not.
    private static func providerTokens(_ attributes: Attributes) throws(Rejection) -> TokenCounts? {
        guard let text = attributes["ai.response.providerMetadata"]?.utf8,
            let usage = try? providerUsage.line(Array(text)).fields
        else { return nil }
        guard let input = try usage.count("anthropic.usage.input_tokens") else { return nil }
        var tokens = TokenCounts(
            uncachedInput: input, cacheRead: try usage.count("anthropic.usage.cache_read_input_tokens"),
            output: try usage.count("anthropic.usage.output_tokens"))
        tokens.setCacheWrites(
            total: try usage.count("anthropic.usage.cache_creation_input_tokens"),
            fiveMinutes: try usage.count("anthropic.usage.cache_creation.ephemeral_5m_input_tokens"),
            oneHour: try usage.count("anthropic.usage.cache_creation.ephemeral_1h_input_tokens"))
        return tokens
    }

    /// A provider by the SDK's name for it, which says after it how it was spoken to: `openai.responses`.
    static func provider(named name: String) -> Provider {
        let parts = name.lowercased().split(separator: ".")
        switch parts.first {
        case "anthropic": return .anthropic
        case "openai": return .openAI
        case "google" where parts.dropFirst().first == "vertex": return Provider(rawValue: "gcp.vertex_ai")
        case "google": return .google
        case "vertex": return Provider(rawValue: "gcp.vertex_ai")
        case "amazon-bedrock": return Provider(rawValue: "aws.bedrock")
        case "azure", "azure-openai": return Provider(rawValue: "azure.ai.openai")
        case let first?: return Provider(rawValue: String(first))
        case nil: return Provider(rawValue: name)
        }
    }
}
