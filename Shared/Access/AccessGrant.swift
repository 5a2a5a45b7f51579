/// What a key allows.
public enum AccessScope: String, CaseIterable, Codable, Hashable, Sendable {
    /// Sending telemetry.
    case ingest
    /// Reading the tenant's figures.
    case read
    /// Reading what belongs to no tenant: the services' own metrics.
    case admin
}

/// What the key of a request says: whose data it concerns and what may be done with it.
///
/// The grant travels with the task that answers a request. What serves data takes the tenant from here and from nowhere
/// else, so that a route that forgets about tenants serves those of the key all the same.
public struct AccessGrant: Hashable, Sendable {
    /// The key's own name; no secret.
    public let keyID: String
    /// Whose data.
    public let tenant: String
    /// What may be done.
    public let scopes: Set<AccessScope>

    /// Makes a grant.
    public init(keyID: String, tenant: String, scopes: Set<AccessScope>) {
        self.keyID = keyID
        self.tenant = tenant
        self.scopes = scopes
    }

    /// The grant of the request that this task answers; `nil` where no keys are asked for.
    @TaskLocal public static var current: AccessGrant?
}
