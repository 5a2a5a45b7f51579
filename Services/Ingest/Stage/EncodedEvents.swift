import Metering
import Pipeline

/// Events as text for the bus, none larger than the bus takes.
struct EncodedEvents: Sendable {
    /// What is counted together in metrics.
    struct Kind: Hashable {
        let channel: Channel?
        let isDeadLetter: Bool
    }

    /// One text for each event.
    private(set) var texts: [[UInt8]] = []
    /// How many there are of each kind.
    private(set) var counts: [Kind: Int] = [:]

    /// Encodes events; one that is too large becomes a dead letter in its place.
    init(_ events: [IngestEvent]) {
        texts.reserveCapacity(events.count)
        for event in events {
            let text = event.json
            if text.count <= Spool.maximumEventBytes {
                append(text, event)
            } else {
                let letter = event.replacement(size: text.count)
                append(letter.json, letter)
            }
        }
    }

    /// Bytes of all events.
    var byteCount: Int {
        texts.reduce(0) { $0 + $1.count }
    }

    private mutating func append(_ text: [UInt8], _ event: IngestEvent) {
        texts.append(text)
        switch event {
        case .observation(let observation):
            counts[Kind(channel: observation.channel, isDeadLetter: false), default: 0] += 1
        case .deadLetter(let letter):
            counts[Kind(channel: letter.channel, isDeadLetter: true), default: 0] += 1
        }
    }
}

extension IngestEvent {
    /// What takes the place of an event that is too large: a dead letter with the same identity and no content.
    fileprivate func replacement(size: Int) -> IngestEvent {
        var letter: DeadLetter
        switch self {
        case .observation(let observation):
            letter = DeadLetter(
                id: observation.id, stage: "ingest", reason: "event_too_large", time: observation.receivedTime)
            letter.channel = observation.channel
        case .deadLetter(let original):
            letter = DeadLetter(id: original.id, stage: "ingest", reason: "event_too_large", time: original.time)
            letter.channel = original.channel
        }
        letter.size = Int64(size)
        letter.tenant = tenant
        return .deadLetter(letter)
    }
}
