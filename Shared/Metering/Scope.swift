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

    /// The tenant of a deployment that has only one.
    public static let defaultTenant = "default"
}
