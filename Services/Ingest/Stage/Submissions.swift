import Pipeline
import Synchronization

/// The way from requests to the stage: each hands over its events at once and waits until they are durable.
final class Submissions: Sendable {
    /// One request's events, and who waits for them.
    struct Submission: Sendable {
        let events: [[UInt8]]
        fileprivate let outcome: CheckedContinuation<Unavailability?, Never>

        /// Says that the events are durable.
        func confirm() { outcome.resume(returning: nil) }

        /// Says that they were not taken.
        func refuse(_ reason: Unavailability) { outcome.resume(returning: reason) }
    }

    private let mailbox: Mailbox<Submission>
    // Looked at and changed together with the mailbox, so that nobody leaves anything after the last look.
    private let closed = Mutex<Unavailability?>(.starting)

    /// Makes the way to the stage with this signal; closed until the stage opens it.
    ///
    /// - Parameter capacity: how many requests may wait.
    init(capacity: Int = 1024, for signal: StageSignal) {
        mailbox = Mailbox(capacity: capacity, for: signal)
    }

    /// Checks before any work is done whether it would be for nothing.
    func checkOpen() throws(Refusal) {
        if let reason = closed.withLock({ $0 }) { throw .unavailable(reason) }
    }

    /// Waits until events are durable.
    ///
    /// - Throws: `Refusal.unavailable`; the events may have been taken all the same, and sending them again is harmless.
    func store(_ events: EncodedEvents) async throws(Refusal) {
        guard !events.texts.isEmpty else { return }
        let refusal = await withCheckedContinuation { outcome in
            let submission = Submission(events: events.texts, outcome: outcome)
            let refusal = closed.withLock { closed -> Unavailability? in
                if let closed { return closed }
                return mailbox.offer(submission) ? nil : .busy
            }
            if let refusal { submission.refuse(refusal) }
        }
        if let refusal { throw .unavailable(refusal) }
    }

    /// Begins to take events; called by the stage once it is made.
    func open() {
        closed.withLock { $0 = nil }
    }

    /// Takes no more events; what waits can still be taken by the stage.
    func close(_ reason: Unavailability) {
        closed.withLock { $0 = reason }
    }

    /// How many requests wait for the stage to take them.
    var waiting: Int { mailbox.count }

    /// Takes everything that waits, oldest first.
    func takeAll() -> [Submission] {
        mailbox.takeAll()
    }
}
