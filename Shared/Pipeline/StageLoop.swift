import Logging
import ZeroMQ

/// The loop of a stage's thread: turn, wait, turn.
struct StageLoop {
    let settings: StageWorker.Settings
    let name: String
    let logger: Logger
    let onTurn: @Sendable () -> Void

    func run<Running: Stage & ~Copyable>(
        _ stage: inout Running, in environment: StageEnvironment
    ) throws {
        var interests = Interests()
        var drainDeadline: MonotonicInstant?
        while !environment.signal.isStopping {
            onTurn()
            let turn = Turn(clock: environment.clock, isDraining: environment.signal.isDraining)
            if turn.isDraining {
                let deadline = drainDeadline ?? turn.now + settings.drainLimit
                drainDeadline = deadline
                guard turn.now < deadline else {
                    logger.warning("stage not drained in time; the rest is sent again", metadata: ["stage": "\(name)"])
                    return
                }
            }
            switch try stage.turn(turn) {
            case .immediately: continue
            case .finished: return
            case .when(let deadline):
                let limits = [deadline, drainDeadline, environment.clock.now + settings.longestWait]
                try wait(&interests, stage, environment, until: limits.compactMap(\.self).min())
            }
        }
    }

    private func wait<Running: Stage & ~Copyable>(
        _ interests: inout Interests, _ stage: borrowing Running, _ environment: StageEnvironment,
        until deadline: MonotonicInstant?
    ) throws {
        interests.set.removeAll()
        let signalIndex = environment.signal.register(in: &interests)
        stage.register(in: &interests)
        let timeout = deadline.map { max($0 - environment.clock.now, .zero) }
        try socketCall { () throws(ZeroMQError) in _ = try interests.set.wait(timeout: timeout) }
        if interests.set.events(at: signalIndex).contains(.readable) {
            environment.signal.lower()
        }
    }
}
