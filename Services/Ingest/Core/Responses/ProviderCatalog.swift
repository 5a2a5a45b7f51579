import Metering

/// The providers whose answers are read, each under the name it has in an address.
public struct ProviderCatalog: Sendable {
    private let entries: [ProviderEntry]

    init(_ entries: [ProviderEntry]) {
        self.entries = entries
    }

    /// Every provider that is read: one line each.
    public static let standard = ProviderCatalog([
        ProviderEntry("anthropic", AnthropicMessages.self, "anthropic", space: "anthropic"),
        ProviderEntry("anthropic-compatible", AnthropicMessages.self, nil, space: "anthropic", hasStrongIDs: false),
        ProviderEntry("azure-openai-chat", OpenAIChat.self, "azure.ai.openai", space: "openai"),
        ProviderEntry("azure-openai-responses", OpenAIResponses.self, "azure.ai.openai", space: "openai"),
        ProviderEntry("bedrock-anthropic", AnthropicMessages.self, "aws.bedrock", space: "anthropic"),
        ProviderEntry("bedrock-converse", BedrockConverse.self, "aws.bedrock", space: "aws.bedrock"),
        ProviderEntry("deepseek", DeepSeekChat.self, "deepseek", space: "deepseek"),
        ProviderEntry("gemini", GenerateContent.self, "google", space: "google"),
        ProviderEntry("groq", OpenAIChat.self, "groq", space: "groq"),
        ProviderEntry("kiro", KiroEvents.self, "kiro", space: "kiro"),
        ProviderEntry("minimax-anthropic", AnthropicMessages.self, "minimax", space: "anthropic", hasStrongIDs: false),
        ProviderEntry("minimax-chat", OpenAIChat.self, "minimax", space: "minimax", hasStrongIDs: false),
        ProviderEntry("minimax-responses", OpenAIResponses.self, "minimax", space: "minimax", hasStrongIDs: false),
        ProviderEntry("mistral", OpenAIChat.self, "mistral_ai", space: "mistral_ai"),
        ProviderEntry("moonshot", OpenAIChat.self, "moonshot", space: "moonshot", hasStrongIDs: false),
        ProviderEntry("ollama", OllamaAnswer.self, "ollama", space: "ollama"),
        ProviderEntry("openai-chat", OpenAIChat.self, "openai", space: "openai"),
        ProviderEntry("openai-compatible", OpenAIChat.self, nil, space: "openai", hasStrongIDs: false),
        ProviderEntry("openai-responses", OpenAIResponses.self, "openai", space: "openai"),
        ProviderEntry("openrouter", OpenRouterChat.self, "openrouter", space: "openrouter"),
        ProviderEntry("vertex-anthropic", AnthropicMessages.self, "gcp.vertex_ai", space: "anthropic"),
        ProviderEntry("vertex-gemini", GenerateContent.self, "gcp.vertex_ai", space: "google"),
        ProviderEntry("vllm", OpenAIChat.self, "vllm", space: "vllm", hasStrongIDs: false),
        ProviderEntry("xai-chat", XAIChat.self, "x_ai", space: "x_ai"),
        ProviderEntry("xai-responses", OpenAIResponses.self, "x_ai", space: "x_ai"),
    ])

    /// The names in addresses, in order.
    public var names: [String] { entries.map(\.name) }

    func entry(named name: String) -> ProviderEntry? {
        entries.first { $0.name == name }
    }
}

/// One provider's API as an address names it.
struct ProviderEntry: Sendable {
    /// The name in the address.
    let name: String
    /// Who serves the calls, as OpenTelemetry names it; `nil` where the request may say so.
    let provider: Provider?
    /// The name space of the ids that the API gives out: the one in which harnesses know them.
    let space: String
    /// Whether the ids are unique in the world however short they are.
    let hasStrongIDs: Bool
    /// The kind of key that an answer's id is.
    let identity: CallKey.Kind
    let makeAssembler: @Sendable () -> any AnswerAssembling

    init<Dialect: ResponseDialect>(
        _ name: String, _ dialect: Dialect.Type, _ provider: String?, space: String, hasStrongIDs: Bool = true
    ) {
        self.name = name
        self.provider = provider.map(Provider.init(rawValue:))
        self.space = space
        self.hasStrongIDs = hasStrongIDs
        identity = dialect.identity
        makeAssembler = { AnswerAssembler<Dialect>() }
    }

    /// The fewest bytes of an id that is taken for unique where a server makes up its own.
    private static let strongIDBytes = 20

    /// Whether an answer's id tells it from every other.
    func isUnique(_ id: String) -> Bool {
        // Some servers number their answers within a thousand.
        hasStrongIDs || id.utf8.count >= Self.strongIDBytes
    }
}
