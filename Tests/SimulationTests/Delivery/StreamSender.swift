import Pipeline
import Support
import Wire

/// The sending half of a durable stage: an outbox, the window over it, and what a watermark does to both.
struct StreamSender {
    let outbox: any Outbox
    private var window: SendWindow

    init(_ outbox: any Outbox) {
        self.outbox = outbox
        window = SendWindow(low: outbox.low, settings: .init(capacity: 8))
    }

    /// Sends what may be sent now, or again.
    mutating func pump(
        onto network: inout SimulatedNetwork<[UInt8]>, at now: MonotonicInstant, using random: inout SeededRandom,
        forgets: Bool
    ) throws {
        _ = window.expire(at: now)
        while true {
            let sendable = window.sendable(before: outbox.next)
            let maximum = min(sendable.count, Int.random(in: 1...4, using: &random))
            guard maximum > 0 else { return }
            let events = try outbox.read(from: sendable.lowerBound, maximumEvents: maximum, maximumBytes: 1 << 20)
            guard !events.isEmpty else { return }
            let through = sendable.lowerBound + Int64(events.count) - 1
            network.send(
                Batch.encode(
                    stream: outbox.stream.description, first: sendable.lowerBound, low: outbox.low, events: events),
                at: now, using: &random)
            window.didSend(through: through, at: now)
            // The mutant without acknowledgements believes that what was sent has arrived.
            if forgets { try acknowledge(through: through, at: now) }
        }
    }

    mutating func acknowledge(through sequence: SequenceNumber, at now: MonotonicInstant) throws {
        window.acknowledge(through: sequence, at: now)
        try outbox.trim(through: sequence)
    }
}

/// A watermark on its way back.
struct SentWatermark {
    let stream: String
    let through: SequenceNumber
}
