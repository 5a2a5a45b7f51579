import ZeroMQ

/// What a stage is made in: its thread's ZeroMQ context, its clock and its signal.
public struct StageEnvironment: Sendable {
    let context: Context
    private let gates = GateKeeper()
    /// The stage's clock.
    public let clock: MonotonicClock
    /// Wakes the stage from other threads.
    public let signal: StageSignal

    /// Makes an environment with a context of its own; ``StageWorker`` does, and tests do.
    public init(clock: MonotonicClock = .system, signal: StageSignal = StageSignal()) throws(PipelineError) {
        context = try socketCall { () throws(ZeroMQError) in try Context() }
        self.clock = clock
        self.signal = signal
    }

    /// Lets CURVE clients through to the guarded sockets made here, for as long as the stage lives.
    func admit(_ clients: CurveClients) throws(PipelineError) {
        try gates.admit(clients, in: context)
    }
}
