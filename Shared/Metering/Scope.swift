/// One conversation of one harness: the unit within which channels overlap.
public struct Scope: Hashable, Sendable {
    /// Whose data this is; `default` in a deployment for one.
    public var tenant: String
    /// The agent.
    public var harness: Harness
    /// The conversation, or a name made from the source stream when the source gave none.
    public var session: String
    /// Whether the source named the session; when not, `session` stands for one source stream alone.
    public var isSessionKnown: Bool

    /// Makes a scope.
    public init(tenant: String, harness: Harness, session: String, isSessionKnown: Bool = true) {
        self.tenant = tenant
        self.harness = harness
        self.session = session
        self.isSessionKnown = isSessionKnown
    }

    /// What the name of an unknown session begins with; the source stream follows.
    public static let unknownSessionPrefix = "unknown:"

    /// The scope of a source that names no session.
    public init(tenant: String, harness: Harness, unknownSessionOf source: String) {
        self.init(
            tenant: tenant, harness: harness, session: Self.unknownSessionPrefix + source, isSessionKnown: false)
    }

    /// The tenant of a deployment that has only one.
    public static let defaultTenant = "default"
}
