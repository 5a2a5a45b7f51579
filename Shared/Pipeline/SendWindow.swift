/// Which events of a stream may be sent now, and when to send them again: go-back-N as a pure state machine.
///
/// The receiver acknowledges cumulatively and applies in order. What was sent and not acknowledged is limited by the
/// capacity; when acknowledgements make no progress for the timeout, sending starts again after the last one, and the
/// timeout doubles until there is progress.
public struct SendWindow: Hashable, Sendable {
    /// The limits of a window.
    public struct Settings: Hashable, Sendable {
        /// The most events sent and not acknowledged.
        public var capacity: Int64
        /// How long to wait for progress before sending again.
        public var timeout: Duration
        /// What the doubled timeout never exceeds.
        public var maximumTimeout: Duration

        /// Makes settings; the defaults are the house's.
        public init(
            capacity: Int64 = 4096, timeout: Duration = .seconds(1), maximumTimeout: Duration = .seconds(10)
        ) {
            precondition(capacity > 0, "a window of no events sends nothing")
            self.capacity = capacity
            self.timeout = timeout
            self.maximumTimeout = maximumTimeout
        }
    }

    /// Everything up to and including this number is done with.
    public private(set) var acknowledged: SequenceNumber
    /// The number to send next.
    public private(set) var nextToSend: SequenceNumber
    /// When to give up waiting for progress; nil while nothing is unacknowledged.
    public private(set) var deadline: MonotonicInstant?
    private let settings: Settings
    private var timeout: Duration

    /// Starts at an outbox's oldest number: whether it was sent before is not known, and repeating is harmless.
    public init(low: SequenceNumber, settings: Settings = Settings()) {
        precondition(low >= 1, "sequence numbers start at 1")
        acknowledged = low - 1
        nextToSend = low
        self.settings = settings
        timeout = settings.timeout
    }

    /// How many events were sent since the last progress or go-back and are not acknowledged.
    public var outstanding: Int64 { nextToSend - 1 - acknowledged }

    /// The numbers that may be sent now.
    ///
    /// - Parameter end: the number after the last one the outbox holds.
    public func sendable(before end: SequenceNumber) -> Range<SequenceNumber> {
        let limit = min(end, acknowledged + settings.capacity + 1)
        return nextToSend..<max(nextToSend, limit)
    }

    /// Notes that everything up to and including a number was given to the socket.
    public mutating func didSend(through sequence: SequenceNumber, at now: MonotonicInstant) {
        precondition(sequence >= nextToSend, "numbers are sent in order")
        nextToSend = sequence + 1
        if deadline == nil { deadline = now + timeout }
    }

    /// Takes a watermark.
    ///
    /// One below what is acknowledged already is old, or comes from a receiver restored from a backup: the latter sees
    /// from the next frame's `low` what it has lost.
    ///
    /// - Returns: whether it was progress.
    @discardableResult
    public mutating func acknowledge(through sequence: SequenceNumber, at now: MonotonicInstant) -> Bool {
        guard sequence > acknowledged else { return false }
        acknowledged = sequence
        nextToSend = max(nextToSend, sequence + 1)
        timeout = settings.timeout
        deadline = outstanding > 0 ? now + timeout : nil
        return true
    }

    /// Gives up everything below a number that the outbox can no longer supply.
    public mutating func skip(to low: SequenceNumber) {
        guard low - 1 > acknowledged else { return }
        acknowledged = low - 1
        nextToSend = max(nextToSend, low)
        if outstanding == 0 { deadline = nil }
    }

    /// Goes back to the first unacknowledged event if there was no progress in time.
    ///
    /// - Returns: how many events will be sent again.
    public mutating func expire(at now: MonotonicInstant) -> Int64 {
        guard let deadline, now >= deadline else { return 0 }
        let resent = outstanding
        nextToSend = acknowledged + 1
        timeout = min(timeout * 2, settings.maximumTimeout)
        self.deadline = nil
        return resent
    }
}
