import Metering

/// What people call a call, and the keys it may have.
public enum CallNames {
    private static let providers = ["anthropic", "openai", "google"]
    private static let kinds: [CallKey.Kind] = [.request, .response, .message]

    /// The keys to look for: the text itself if it is a key, else the id in each name space that makes such ids.
    public static func keys(for text: String) -> [String] {
        if CallKey(rawValue: text).kind != nil { return [text] }
        return providers.flatMap { provider in
            kinds.map { CallKey(space: provider, kind: $0, value: text).rawValue }
        }
    }
}
