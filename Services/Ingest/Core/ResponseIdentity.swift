import Metering

extension CallKey {
    /// The keys of a response: in the provider's name space, so that copies of one call meet whoever reports them.
    static func keys(response: String?, _ provider: Provider?) -> [CallKey] {
        guard let response, let provider else { return [] }
        var keys = [CallKey(space: provider.rawValue, kind: .response, value: response)]
        // Anthropic's response ids are its message ids, under which session files know the call, whoever passes it on.
        if response.hasPrefix("msg_") {
            keys.append(CallKey(space: Provider.anthropic.rawValue, kind: .message, value: response))
        }
        return keys
    }
}
