public import Wire
import ZeroMQ

/// Where a durable stage's batches come in, and its watermarks go out.
///
/// Receive, apply in one transaction together with the receive windows, then acknowledge.
public struct Inlet: ~Copyable {
    /// Endpoints and limits of an inlet.
    public struct Settings: Sendable {
        /// Where batches arrive.
        public var batches: Link
        /// Where watermarks leave.
        public var watermarks: Link
        /// The most events of one turn; the frame that passes it is still taken.
        public var maximumEvents = 4096
        /// The most time of one turn spent receiving.
        public var maximumTime: Duration = .milliseconds(5)
        /// The most frames queued from one peer.
        public var highWaterMark = 256
        /// How often watermarks of active streams are repeated.
        public var rebroadcastInterval: Duration = .milliseconds(250)
        /// How long after its last frame a stream counts as active.
        public var activeFor: Duration = .seconds(30)

        /// Makes settings with the house's limits.
        public init(batches: Link, watermarks: Link) {
            self.batches = batches
            self.watermarks = watermarks
        }
    }

    /// The link batches arrive at, its port filled in.
    public var batches: Link { pull.link }
    /// The link watermarks leave from, its port filled in.
    public var watermarks: Link { publisher.link }

    private let settings: Settings
    private let pull: LinkedSocket<Pull>
    private var publisher: WatermarkPublisher

    /// Opens both sockets.
    ///
    /// - Throws: `PipelineError.attaching` where a port is taken.
    public init(_ settings: Settings, in environment: StageEnvironment) throws(PipelineError) {
        let pull = try LinkedSocket<Pull>(
            settings.batches, options: .standard.withHighWaterMark(settings.highWaterMark), in: environment)
        publisher = try WatermarkPublisher(
            settings.watermarks, interval: settings.rebroadcastInterval, activeFor: settings.activeFor, in: environment)
        self.pull = pull
        self.settings = settings
    }

    /// When ``rebroadcast(at:)`` is due; nil while no stream is active.
    public var deadline: MonotonicInstant? { publisher.nextBroadcast }

    /// Waits for batches.
    public func register(in interests: inout Interests) {
        interests.set.insert(pull.socket, for: .readable)
    }

    /// Takes the batches that wait, within the limits of a turn.
    public func receive(clock: MonotonicClock) throws(PipelineError) -> Arrivals {
        var arrivals = Arrivals()
        let end = clock.now + settings.maximumTime
        while arrivals.eventCount < settings.maximumEvents {
            guard let frame = try pull.receive() else { return arrivals }
            arrivals.append(frame)
            guard clock.now < end else { break }
        }
        arrivals.isMoreLikely = true
        return arrivals
    }

    /// Publishes that everything of a stream up to a number is committed.
    ///
    /// To be called after the commit for every stream that had a batch, also where all of it was known: its sender may have
    /// missed the first answer.
    public mutating func acknowledge(
        _ stream: StreamID, through sequence: SequenceNumber, at now: MonotonicInstant
    ) throws(PipelineError) {
        try publisher.publish(Watermark(stream: stream, through: sequence), at: now)
    }

    /// Repeats the watermarks of active streams if that is due; to be called every turn.
    public mutating func rebroadcast(at now: MonotonicInstant) throws(PipelineError) {
        try publisher.rebroadcast(at: now)
    }
}

/// What one turn received.
public struct Arrivals: Sendable {
    /// The batches, in the order of their arrival.
    public private(set) var batches: [Arrival] = []
    /// Frames that are no batches; to be recorded as dead letters.
    public private(set) var rejected: [RejectedFrame] = []
    /// How many events the batches hold.
    public private(set) var eventCount = 0
    /// True where a limit ended the receiving: the next turn is to follow immediately.
    public internal(set) var isMoreLikely = false

    /// True where nothing arrived.
    public var isEmpty: Bool { batches.isEmpty && rejected.isEmpty }

    /// Starts with nothing.
    public init() {}

    /// Reads a frame and files it under batches or rejected ones.
    public mutating func append(_ frame: [UInt8]) {
        do throws(BatchError) {
            let batch = try Batch(decoding: frame)
            guard let stream = StreamID(batch.stream) else {
                rejected.append(RejectedFrame(byteCount: frame.count, reason: .unknownStream))
                return
            }
            batches.append(Arrival(stream: stream, batch: batch))
            eventCount += batch.events.count
        } catch {
            rejected.append(RejectedFrame(byteCount: frame.count, reason: .unreadable(error)))
        }
    }
}

/// A batch and the stream it belongs to.
public struct Arrival: Sendable {
    /// The stream.
    public let stream: StreamID
    /// The events with their numbers.
    public let batch: Batch
}

/// A frame that is no batch: what may be kept of it.
public struct RejectedFrame: Sendable, Hashable {
    /// Why it was rejected.
    public enum Reason: Sendable, Hashable, CustomStringConvertible {
        /// It is not a batch of a version known here.
        case unreadable(BatchError)
        /// Its stream is not a stream identity.
        case unknownStream

        /// One line for a log or a dead letter.
        public var description: String {
            switch self {
            case .unreadable(let error): "\(error)"
            case .unknownStream: "malformed batch: its stream is not a UUID in lower case"
            }
        }
    }

    /// Its length.
    public let byteCount: Int
    /// Why it was rejected.
    public let reason: Reason
}
