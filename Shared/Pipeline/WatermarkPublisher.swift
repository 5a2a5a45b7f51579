import ZeroMQ

/// Publishes watermarks after a commit, and again every so often while a stream is active.
///
/// Losing one costs nothing: the next says the same and more.
struct WatermarkPublisher: ~Copyable {
    /// How many streams are repeated at most; further ones are published once a commit only.
    static let maximumActiveStreams = 10_000

    private struct Active {
        var through: SequenceNumber
        var touched: MonotonicInstant
    }

    private let publish: LinkedSocket<Publish>
    private let interval: Duration
    private let activeFor: Duration
    private var active: [StreamID: Active] = [:]
    private(set) var nextBroadcast: MonotonicInstant?

    init(
        _ link: Link, interval: Duration, activeFor: Duration, in environment: StageEnvironment
    ) throws(PipelineError) {
        publish = try LinkedSocket(link, in: environment)
        self.interval = interval
        self.activeFor = activeFor
    }

    /// The link subscribers connect to.
    var link: Link { publish.link }

    mutating func publish(_ watermark: Watermark, at now: MonotonicInstant) throws(PipelineError) {
        if active[watermark.stream] != nil || active.count < Self.maximumActiveStreams {
            active[watermark.stream] = Active(through: watermark.through, touched: now)
        }
        if nextBroadcast == nil { nextBroadcast = now + interval }
        try send(watermark)
    }

    mutating func rebroadcast(at now: MonotonicInstant) throws(PipelineError) {
        guard let due = nextBroadcast, now >= due else { return }
        active = active.filter { $0.value.touched + activeFor > now }
        nextBroadcast = active.isEmpty ? nil : now + interval
        for (stream, state) in active {
            try send(Watermark(stream: stream, through: state.through))
        }
    }

    private func send(_ watermark: Watermark) throws(PipelineError) {
        _ = try publish.send(watermark.encoded())
    }
}
