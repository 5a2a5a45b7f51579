/// Decides what a subscriber does with each thing it hears, so that it has every change exactly once and in order.
///
/// The feed may lose frames to a slow subscriber, and a restarted ledger may begin a new epoch. Sequence numbers are
/// dense within an epoch, so every loss shows; what is missing is asked for over `/v1/changes`.
public struct FeedFollower: Hashable, Sendable {
    /// The epoch whose numbers ``delivered`` is in; `nil` until one was heard of.
    public private(set) var epoch: String?
    /// The last sequence number that was delivered.
    public private(set) var delivered: Int64
    /// The newest number heard of in this epoch.
    public private(set) var newest: Int64
    /// How many gaps were found so far.
    public private(set) var gaps = 0

    /// Starts after a change that was delivered earlier.
    ///
    /// - Parameters:
    ///   - epoch: The epoch of that change; `nil` takes the number to be of the current epoch.
    ///   - sequence: Its number; 0 to begin at the beginning.
    public init(epoch: String? = nil, after sequence: Int64 = 0) {
        self.epoch = epoch
        self.delivered = max(0, sequence)
        self.newest = self.delivered
    }

    /// What to do next.
    public enum Step: Hashable, Sendable {
        /// Hand the change over.
        case deliver
        /// Nothing.
        case ignore
        /// Ask `/v1/changes` for what follows this number.
        case replay(after: Int64)
        /// The ledger began anew: forget everything and ask for all changes.
        case restart(epoch: String)
    }

    /// Whether a change heard of has not been delivered.
    public var isBehind: Bool { newest > delivered }

    /// The feed said how far the ledger is, in a welcome or a heartbeat.
    public mutating func hear(epoch: String, last: Int64) -> Step {
        if let step = enter(epoch) { return step }
        newest = max(newest, last)
        guard isBehind else { return .ignore }
        gaps += 1
        return .replay(after: delivered)
    }

    /// The feed brought a change.
    public mutating func receive(epoch: String, sequence: Int64) -> Step {
        if let step = enter(epoch) { return step }
        newest = max(newest, sequence)
        if sequence <= delivered { return .ignore }
        guard sequence == delivered + 1 else {
            gaps += 1
            return .replay(after: delivered)
        }
        delivered = sequence
        return .deliver
    }

    /// A replay brought a change, in order.
    ///
    /// The change log is the ledger itself, so a number it passes over does not exist.
    public mutating func replay(epoch: String, sequence: Int64) -> Step {
        if let step = enter(epoch) { return step }
        newest = max(newest, sequence)
        guard sequence > delivered else { return .ignore }
        delivered = sequence
        return .deliver
    }

    /// Passes over changes that the ledger has removed because they were old.
    public mutating func pass(through sequence: Int64) {
        delivered = max(delivered, sequence)
        newest = max(newest, delivered)
    }

    /// Begins anew in an epoch other than the known one.
    private mutating func enter(_ other: String) -> Step? {
        guard let known = epoch else {
            epoch = other
            return nil
        }
        guard known != other else { return nil }
        epoch = other
        delivered = 0
        newest = 0
        return .restart(epoch: other)
    }
}
