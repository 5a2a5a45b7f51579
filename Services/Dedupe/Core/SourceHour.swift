public import Metering

/// One UTC hour of what one source sent, whatever session it was for.
///
/// Rule `source-ownership`: aggregates without a session cannot be compared with the calls of one. The calls of the same
/// source own the fields they report in the hours around them: an aggregate of hour h loses those that calls of h or of
/// the hour before report, because a counter is exported up to a minute after its call. Other hours lose nothing.
public struct SourceHour: Hashable, Sendable {
    /// Whose data it is.
    public let tenant: String
    /// The agent.
    public let harness: Harness
    /// The stream of one source.
    public let source: String
    /// Hours since 1970 in UTC.
    public let hour: Int64

    init(tenant: String, harness: Harness, source: String, hour: Int64) {
        self.tenant = tenant
        self.harness = harness
        self.source = source
        self.hour = hour
    }

    /// The hour a report happened in.
    init(_ observation: Observation) {
        self.init(
            tenant: observation.tenant, harness: observation.harness, source: observation.source,
            hour: observation.eventTime.hour)
    }

    /// The hour before.
    var before: SourceHour { SourceHour(tenant: tenant, harness: harness, source: source, hour: hour - 1) }

    /// Hours whose fields decide about a bucket of a scope that stands for a source.
    static func deciding(_ bucket: Bucket) -> [SourceHour] {
        let scope = bucket.scope
        let source = String(scope.session.dropFirst(Scope.unknownSessionPrefix.count))
        return [bucket.hour - 1, bucket.hour].map {
            SourceHour(tenant: scope.tenant, harness: scope.harness, source: source, hour: $0)
        }
    }
}

extension Timestamp {
    /// Hours since 1970 in UTC, rounded down.
    var hour: Int64 {
        let (hours, remainder) = seconds.quotientAndRemainder(dividingBy: 3600)
        return remainder < 0 ? hours - 1 : hours
    }
}
