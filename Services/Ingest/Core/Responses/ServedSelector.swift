/// Tiers, speeds and regions as they are kept: providers and harnesses disagree on how to say "as usual".
enum ServedSelector {
    /// What was served; `nil` for what stands for nothing out of the ordinary.
    static func unlessUsual(_ reported: String?) -> String? {
        switch reported?.lowercased() {
        case nil, "normal", "standard", "default", "auto", "not_available", "on_demand": nil
        default: reported
        }
    }
}
