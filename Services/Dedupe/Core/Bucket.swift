public import Metering

/// What one aggregate call stands for: the points of one group within one scope and one hour of UTC.
public struct Bucket: Hashable, Sendable {
    /// The scope.
    public let scope: Scope
    /// The series that describe the same calls.
    public let group: ContentID
    /// Hours since 1970-01-01T00:00:00Z.
    public let hour: Int64

    /// Makes a bucket from its parts.
    public init(scope: Scope, group: ContentID, hour: Int64) {
        self.scope = scope
        self.group = group
        self.hour = hour
    }

    /// The bucket of what a point adds.
    public init(scope: Scope, group: ContentID, end: Timestamp) {
        self.init(scope: scope, group: group, hour: end.hour)
    }

    /// The bucket of what the aggregates of a scope say beyond its calls.
    init(estimateOf scope: Scope) {
        self.init(scope: scope, group: Self.estimateGroup, hour: 0)
    }

    /// Whether it is the bucket of an estimate, which sums no points.
    var isEstimate: Bool { group == Self.estimateGroup }

    /// When its hour begins.
    var start: Timestamp { Timestamp(seconds: hour * 3600) }

    // A published constant, as the key of the fingerprint is.
    private static let estimateGroup = ContentID(high: 0x746f_6c6c_626f_6f6b, low: 0x6573_7469_6d61_7465)

    /// The public key of the bucket's call: derived from the bucket alone, so the same whatever arrives when.
    public var key: CallKey {
        let parts = [scope.tenant, scope.harness.rawValue, scope.isSessionKnown ? "known" : "unknown", scope.session]
        // Lengths keep different parts from running into the same text.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined() + "\(group):\(hour)"
        let space = scope.harness.rawValue
        return CallKey(space: space, kind: .aggregate, value: Self.fingerprint(text).description)
    }

    // A published constant: keys must come out the same in every deployment.
    private static let fingerprint = Fingerprint(
        key: ContentID(high: 0x746f_6c6c_626f_6f6b, low: 0x6167_6772_6567_6174))
}
