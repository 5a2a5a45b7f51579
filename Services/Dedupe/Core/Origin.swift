import Metering

/// Rule `first-session`: a call belongs to the conversation that made it first, whoever repeats it later.
///
/// A session that is known comes before one that is not, then the earliest report wins; the rest only makes the order
/// total, so that nothing depends on arrival.
struct Origin: Hashable, Sendable {
    let scope: Scope
    let eventTime: Timestamp
    let authority: Int64

    init(scope: Scope, eventTime: Timestamp, authority: Int64) {
        self.scope = scope
        self.eventTime = eventTime
        self.authority = authority
    }

    init(_ observation: Observation) {
        self.init(scope: observation.scope, eventTime: observation.eventTime, authority: observation.authority)
    }
}

extension Origin: Comparable {
    static func < (left: Origin, right: Origin) -> Bool {
        if left.scope.isSessionKnown != right.scope.isSessionKnown { return left.scope.isSessionKnown }
        if left.eventTime != right.eventTime { return left.eventTime < right.eventTime }
        if left.authority != right.authority { return left.authority < right.authority }
        if left.scope.harness != right.scope.harness { return left.scope.harness < right.scope.harness }
        return left.scope.session < right.scope.session
    }
}
