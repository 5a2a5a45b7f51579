public import Wire
import ZeroMQ

/// What a stateless stage makes of each event.
public protocol EventTransform {
    /// Writes exactly one JSON value: what the event becomes.
    ///
    /// No event may vanish, or its stream's numbers would have a hole; one that cannot be transformed is passed on as it
    /// is, for the next durable stage to record as a dead letter.
    mutating func transform(_ batch: Batch, _ index: Int, into json: inout JSONWriter)

    /// Hears of a frame that is no batch and goes no further.
    mutating func reject(_ frame: RejectedFrame)
}

/// A stateless stage between two durable ones: receives a batch, transforms its events, sends it on.
///
/// Stream and numbers stay as they are, so that the durable stage after it acknowledges to the one before it. While its
/// peer takes nothing it receives nothing; what dies with it is sent again by the stage before.
public struct Relay<Transform: EventTransform>: Stage, ~Copyable {
    /// Endpoints and limits of a relay.
    public struct Settings: Sendable {
        /// Where batches arrive.
        public var source: Link
        /// Where they leave.
        public var destination: Link
        /// The most frames one turn takes.
        public var maximumFrames = 64
        /// The most frames queued from the source, small so that they spread over replicas and few die with one.
        public var highWaterMark = 64

        /// Makes settings with the house's limits.
        public init(source: Link, destination: Link) {
            self.source = source
            self.destination = destination
        }
    }

    /// The link batches arrive at, its port filled in.
    public var source: Link { pull.link }
    /// The link batches leave from, its port filled in.
    public var destination: Link { push.link }
    /// The transform, with whatever it counts.
    public private(set) var transform: Transform
    private let settings: Settings
    private let pull: LinkedSocket<Pull>
    private let push: LinkedSocket<Push>
    private var json = JSONWriter(capacity: Batch.maximumBytes)
    // What the push socket has not yet taken, oldest first; more than one frame only where a batch had to be split.
    private var held: [[UInt8]] = []

    /// Opens both sockets.
    ///
    /// - Throws: `PipelineError.attaching` where a port is taken.
    public init(
        _ settings: Settings, transform: Transform, in environment: StageEnvironment
    ) throws(PipelineError) {
        let options = SocketOptions.standard.withHighWaterMark(settings.highWaterMark)
        let push = try LinkedSocket<Push>(settings.destination, options: options, in: environment)
        pull = try LinkedSocket(settings.source, options: options, in: environment)
        self.push = push
        self.settings = settings
        self.transform = transform
    }

    /// Waits for batches, or for the peer while it takes nothing.
    public func register(in interests: inout Interests) {
        if held.isEmpty {
            interests.set.insert(pull.socket, for: .readable)
        } else {
            interests.set.insert(push.socket, for: .writable)
        }
    }

    /// Relays what waits, within the limit of a turn.
    public mutating func turn(_ turn: Turn) throws -> NextTurn {
        for _ in 0..<settings.maximumFrames {
            guard try sendHeld() else { return .when(nil) }
            if turn.isDraining { return .finished }
            guard let frame = try pull.receive() else { return .when(nil) }
            relay(frame)
        }
        return .immediately
    }

    private mutating func sendHeld() throws(PipelineError) -> Bool {
        while let frame = held.first {
            guard try push.send(frame) else { return false }
            held.removeFirst()
        }
        return true
    }

    private mutating func relay(_ frame: [UInt8]) {
        do throws(BatchError) {
            relay(try Batch(decoding: frame))
        } catch {
            transform.reject(RejectedFrame(byteCount: frame.count, reason: .unreadable(error)))
        }
    }

    private mutating func relay(_ batch: Batch) {
        var index = 0
        repeat {
            json.removeAll()
            json.beginObject()
            json.member("v", Batch.version)
            json.member("stream", batch.stream)
            json.member("first", batch.first + Int64(index))
            json.member("low", batch.low)
            json.key("events")
            json.beginArray()
            // Transformed events may be larger: a frame is closed early rather than refused by the peer for its size.
            while index < batch.events.count, json.bytes.count < 2 * Batch.maximumBytes {
                transform.transform(batch, index, into: &json)
                index += 1
            }
            json.endArray()
            json.endObject()
            held.append(json.bytes)
        } while index < batch.events.count
    }
}
