import Wire
import ZeroMQ

/// Where a durable stage's events go out, and the next durable stage's watermarks come in.
///
/// Several outboxes may share one outlet, as an ingest's own spool and those it adopted do.
public struct Outlet: ~Copyable {
    /// Endpoints and limits of an outlet.
    public struct Settings: Sendable {
        /// Where batches leave.
        public var batches: Link
        /// Where the watermarks come from: the next durable stage, past any relay.
        public var watermarks: Link
        /// How much may be unacknowledged, and when to send it again.
        public var window = SendWindow.Settings()
        /// The most frames queued in this process for one peer.
        ///
        /// Small, because what is queued for a peer that dies has to be sent again; the window is what limits.
        public var highWaterMark = 64

        /// Makes settings with the house's limits.
        public init(batches: Link, watermarks: Link) {
            self.batches = batches
            self.watermarks = watermarks
        }
    }

    /// What one turn did.
    public struct Progress: Hashable, Sendable {
        /// Events given to the socket, repeated ones included.
        public internal(set) var sent = 0
        /// Events that will be sent again for want of an acknowledgement.
        public internal(set) var resent: Int64 = 0
        /// Events newly acknowledged.
        public internal(set) var acknowledged: Int64 = 0
        /// Frames on the watermark socket that are no watermarks.
        public internal(set) var unreadable = 0
    }

    /// The link batches leave from, its port filled in.
    public var batches: Link { push.link }
    private let settings: Settings
    private let push: LinkedSocket<Push>
    private let subscription: LinkedSocket<Subscribe>
    private var lanes: [Lane] = []
    // The lane to serve first in the next turn, so that a long one does not starve the others.
    private var firstLane = 0
    private var held: HeldFrame?

    /// Opens both sockets.
    ///
    /// - Throws: `PipelineError.attaching` where a port is taken.
    public init(_ settings: Settings, in environment: StageEnvironment) throws(PipelineError) {
        let subscription = try LinkedSocket<Subscribe>(settings.watermarks, in: environment)
        push = try LinkedSocket(
            settings.batches, options: .standard.withHighWaterMark(settings.highWaterMark), in: environment)
        self.subscription = subscription
        self.settings = settings
    }

    /// Begins to send an outbox, from its oldest event.
    public mutating func attach(_ outbox: any Outbox) throws(PipelineError) {
        precondition(!lanes.contains { $0.outbox.stream == outbox.stream }, "an outbox is attached once")
        try socketCall { () throws(ZeroMQError) in
            try subscription.socket.subscribe(to: Watermark.topic(for: outbox.stream))
        }
        lanes.append(Lane(outbox: outbox, window: SendWindow(low: outbox.low, settings: settings.window)))
    }

    /// Stops sending an outbox, such as an adopted one that is empty.
    public mutating func detach(_ stream: StreamID) throws(PipelineError) {
        guard let index = lanes.firstIndex(where: { $0.outbox.stream == stream }) else { return }
        try socketCall { () throws(ZeroMQError) in
            try subscription.socket.unsubscribe(from: Watermark.topic(for: stream))
        }
        lanes.remove(at: index)
        firstLane = 0
    }

    /// True where everything of every outbox is acknowledged: nothing would be sent again after a restart.
    public var isDrained: Bool {
        lanes.allSatisfy { $0.outbox.isEmpty }
    }

    /// Events sent and not acknowledged, over all streams.
    public var outstanding: Int64 {
        lanes.reduce(0) { $0 + $1.window.outstanding }
    }

    /// When something is to be sent again; nil while nothing waits for an acknowledgement.
    public var deadline: MonotonicInstant? {
        lanes.compactMap(\.window.deadline).min()
    }

    /// Waits for watermarks and, where a frame is held back, for a peer to take it.
    public func register(in interests: inout Interests) {
        interests.set.insert(subscription.socket, for: .readable)
        if held != nil { interests.set.insert(push.socket, for: .writable) }
    }

    /// Takes watermarks, then sends as much as windows and socket allow; to be called every turn.
    public mutating func pump(at now: MonotonicInstant) throws(PipelineError) -> Progress {
        var progress = Progress()
        try receiveWatermarks(at: now, &progress)
        for index in lanes.indices {
            progress.resent += lanes[index].window.expire(at: now)
        }
        guard try sendHeld() else { return progress }
        for offset in lanes.indices {
            let index = (firstLane + offset) % lanes.count
            guard try send(lane: index, at: now, &progress) else {
                firstLane = (index + 1) % lanes.count
                break
            }
        }
        return progress
    }

    private mutating func receiveWatermarks(
        at now: MonotonicInstant, _ progress: inout Progress
    ) throws(PipelineError) {
        // The last watermark of a stream says all that those before it said.
        var latest: [StreamID: SequenceNumber] = [:]
        while let frame = try subscription.receive() {
            guard let watermark = Watermark(decoding: frame) else {
                progress.unreadable += 1
                continue
            }
            latest[watermark.stream] = max(watermark.through, latest[watermark.stream] ?? 0)
        }
        for (stream, through) in latest {
            guard let index = lanes.firstIndex(where: { $0.outbox.stream == stream }) else { continue }
            progress.acknowledged += try lanes[index].acknowledge(through: through, at: now)
        }
    }

    /// Sends a lane's events until there are no more or the socket takes no more; false in the latter case.
    private mutating func send(
        lane index: Int, at now: MonotonicInstant, _ progress: inout Progress
    ) throws(PipelineError) -> Bool {
        while let frame = try lanes[index].nextFrame(at: now) {
            progress.sent += frame.eventCount
            held = frame
            guard try sendHeld() else { return false }
        }
        return true
    }

    private mutating func sendHeld() throws(PipelineError) -> Bool {
        guard let frame = held else { return true }
        let isSent = try push.send(frame.bytes)
        if isSent { held = nil }
        return isSent
    }
}

/// A frame the socket has not yet taken, which counts as sent: if it is never taken, it is sent again.
private struct HeldFrame {
    let bytes: [UInt8]
    let eventCount: Int
}

/// One outbox and how far it was sent.
private struct Lane {
    let outbox: any Outbox
    var window: SendWindow

    mutating func acknowledge(
        through sequence: SequenceNumber, at now: MonotonicInstant
    ) throws(PipelineError) -> Int64 {
        let before = window.acknowledged
        guard window.acknowledge(through: sequence, at: now) else { return 0 }
        do {
            try outbox.trim(through: sequence)
        } catch {
            throw .outbox(outbox.stream, error)
        }
        window.skip(to: outbox.low)
        return sequence - before
    }

    mutating func nextFrame(at now: MonotonicInstant) throws(PipelineError) -> HeldFrame? {
        window.skip(to: outbox.low)
        let sendable = window.sendable(before: outbox.next)
        guard !sendable.isEmpty else { return nil }
        let events: [ArraySlice<UInt8>]
        do {
            events = try outbox.read(
                from: sendable.lowerBound, maximumEvents: min(sendable.count, Batch.maximumEvents),
                maximumBytes: Batch.maximumBytes)
        } catch {
            throw .outbox(outbox.stream, error)
        }
        guard !events.isEmpty else { return nil }
        window.didSend(through: sendable.lowerBound + Int64(events.count) - 1, at: now)
        let bytes = Batch.encode(
            stream: outbox.stream.description, first: sendable.lowerBound, low: outbox.low, events: events)
        return HeldFrame(bytes: bytes, eventCount: events.count)
    }
}
