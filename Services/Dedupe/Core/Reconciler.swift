public import Metering

/// Counts each model call once, whatever was said about it, how often, and in which order.
///
/// What is counted is a function of the set of observations; the reconciler is its incremental form, and says what
/// changed. Each rule is a type of its own:
///
/// - identity: calls that share a key are one call (``CallKey``, this type)
/// - first session: the conversation a call belongs to (`Origin`)
/// - fieldwise maximum, channel authority: which figure stands (`Figures`, `ChannelFigures`)
/// - cache lifetimes: total or split, never both (`CacheWrites`)
/// - counters: what the points of a series add (`CounterRule`)
/// - baseline: where forked totals begin (`Reconciler+Baselines`)
/// - pairing: channels that share no identity (``PairingGroup``)
/// - field ownership, source ownership, aggregate authority: what aggregates may still count (`AggregateClaims`)
public struct Reconciler<State: ReconciliationState> {
    /// What is remembered.
    public var state: State

    /// What is done with what aggregates say beyond the calls.
    public let policy: ResidualPolicy

    /// Continues from a state.
    public init(state: State, policy: ResidualPolicy = .authority) {
        self.state = state
        self.policy = policy
    }

    /// Takes in an observation.
    ///
    /// - Parameter text: the observation's JSON text, where it is at hand.
    public mutating func accept(
        _ observation: Observation, text: ArraySlice<UInt8>? = nil
    ) throws(State.Failure) -> Outcome {
        switch observation.content {
        case .call(let keys, _, _): try acceptReport(Report(observation, text: text), keys)
        case .aggregate(let point): try acceptPoint(observation, point)
        }
    }
}

/// What an observation led to.
public enum Outcome: Hashable, Sendable {
    /// Consumers have to be told.
    case changed(CallTransaction)
    /// Aggregates of these scopes wait to be settled: the observation's own, and those of series forked from its series.
    case waiting([Scope])
    /// It is remembered and changes nothing that consumers see.
    case recorded
    /// It was taken in before.
    case duplicate
    /// Another of the same identity was taken in before, with other figures; that one stands.
    case conflict
}
