/// What a request asked for, or was served with, that picks one price among several of a model.
public struct PriceSelector: Hashable, Sendable, CustomStringConvertible {
    /// The service tier, such as `batch`, `flex` or `priority`; `nil` for the standard one.
    public var serviceTier: String?
    /// The speed, such as `fast`; `nil` for the standard one.
    public var speed: String?

    /// Makes a selector; nothing given is the standard price.
    public init(serviceTier: String? = nil, speed: String? = nil) {
        self.serviceTier = serviceTier
        self.speed = speed
    }

    /// The standard price.
    public static let standard = PriceSelector()

    /// The parts as `service_tier=batch,speed=fast`; empty for the standard price.
    public var description: String {
        [serviceTier.map { "service_tier=\($0)" }, speed.map { "speed=\($0)" }].compactMap(\.self)
            .joined(separator: ",")
    }

    /// What providers call the standard tier or speed, and tiers that are bought by other means than per token.
    private static let standardNames: Set<String> = [
        "", "standard", "default", "auto", "normal", "none", "not_available", "unspecified", "on_demand",
        "on-demand", "standard_only",
    ]
    private static let tierNames: [String: String] = [
        "batches": "batch", "on_demand_priority": "priority", "on_demand_flex": "flex",
    ]

    /// A service tier as sheets name it; `nil` for the standard one.
    static func serviceTier(named reported: String?) -> String? {
        guard let name = reported?.lowercased(), !standardNames.contains(name) else { return nil }
        return tierNames[name] ?? name
    }

    /// A speed as sheets name it; `nil` for the standard one.
    static func speed(named reported: String?) -> String? {
        guard let name = reported?.lowercased(), !standardNames.contains(name) else { return nil }
        return name
    }

    /// A region constraint as sheets name it; `nil` when the request could run anywhere.
    static func geo(named reported: String?) -> String? {
        guard let name = reported?.lowercased(), name != "global", !standardNames.contains(name) else { return nil }
        return name
    }
}

/// A premium on every token for where a request had to run.
public struct GeoUplift: Hashable, Sendable {
    /// The region as reported, or `*` for any that is not global.
    public var geo: String
    /// What the rates are multiplied with.
    public var factor: Factor
}
