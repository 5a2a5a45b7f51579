public import Metering
import Wire

/// Whose a change is, and when the ledger recorded it, read from its text without the rest.
public struct ChangeOwner: Hashable, Sendable {
    /// The tenant.
    public let tenant: String
    /// When the ledger stored it.
    public let recorded: Timestamp?

    /// Reads a change; `nil` for what cannot be read.
    public init?(change: [UInt8]) {
        var json = JSONReader(change)
        var tenant = Scope.defaultTenant
        var recorded: Timestamp?
        do throws(JSONError) {
            try json.object { key, json throws(JSONError) in
                switch key {
                case "recorded_time": recorded = Timestamp(rfc3339: try json.string())
                case "charge":
                    try json.object { key, json throws(JSONError) in
                        guard case "tenant" = key else { return try json.skip() }
                        tenant = try json.string()
                    }
                default: try json.skip()
                }
            }
        } catch {
            return nil
        }
        self.tenant = tenant
        self.recorded = recorded
    }
}
