import ZeroMQ

/// What a stage waits for; filled by `register(in:)` of inlets, outlets and publishers.
public struct Interests {
    var set = PollSet()

    /// Starts with nothing to wait for.
    public init() {}
}

/// The part of a service that one thread runs: receive a batch, ask the core, commit, send.
///
/// Everything a stage owns lives and dies on its thread. It may throw anything; a thrown error ends the service, which is
/// to exit non-zero and recover from disk.
public protocol Stage: ~Copyable, SendableMetatype {
    /// Names what the stage waits for until its next turn.
    func register(in interests: inout Interests)

    /// Does what there is to do now without waiting, and says when to be called next.
    mutating func turn(_ turn: Turn) throws -> NextTurn
}

/// The circumstances of one turn.
public struct Turn: Sendable {
    /// The stage's clock.
    public let clock: MonotonicClock
    /// When the turn began.
    public let now: MonotonicInstant
    /// True once the service is to stop: take nothing new, finish what is in hand, answer ``NextTurn/finished``.
    public let isDraining: Bool

    /// Makes a turn; stages are called with one, tests and simulations make their own.
    public init(clock: MonotonicClock, isDraining: Bool = false) {
        self.clock = clock
        now = clock.now
        self.isDraining = isDraining
    }
}

/// When a stage wants its next turn.
public enum NextTurn: Hashable, Sendable {
    /// At once: there is more to do.
    case immediately
    /// When something it registered happens or its signal is raised, and by this moment at the latest.
    case when(MonotonicInstant?)
    /// Never: it was told to drain and has.
    case finished

    /// The next turn by the earliest of several deadlines.
    public static func byEarliest(_ deadlines: MonotonicInstant?...) -> NextTurn {
        .when(deadlines.compactMap(\.self).min())
    }
}
