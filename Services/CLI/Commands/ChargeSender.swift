import Glibc
import Pipeline

/// Sends charges to the query service as a service does: numbered, and again until they are stored.
struct ChargeSender: ~Copyable {
    private let clock = MonotonicClock.system
    private let outbox = MemoryOutbox()
    private var outlet: Outlet

    /// How long nothing may be acknowledged.
    private static let patience: Duration = .seconds(30)

    /// - Parameter curve: the folder of CURVE keys, where the bus asks for them; empty for none. Charges are pricing's to send,
    ///   so its pair is shown.
    init(charges: String, watermarks: String, curve: String) throws {
        let bus = try BusLinks(folder: curve, name: "pricing", isInsecureAllowed: false)
        let settings = Outlet.Settings(
            batches: try bus.connect(charges, to: "query"), watermarks: try bus.connect(watermarks, to: "query"))
        var outlet = try Outlet(settings, in: try StageEnvironment())
        try outlet.attach(outbox)
        self.outlet = outlet
    }

    /// Takes an event to be sent.
    func send(_ event: [UInt8]) {
        outbox.append(event)
    }

    /// Sends what was taken and waits until it is stored.
    mutating func finish() throws {
        var lastProgress = clock.now
        while !outlet.isDrained {
            let now = clock.now
            if try outlet.pump(at: now).acknowledged > 0 { lastProgress = now }
            guard now - lastProgress < Self.patience else {
                throw Failure(
                    """
                    the query service stored nothing for \(Self.patience.components.seconds) s; is it running, are \
                    --charges and --charge-watermarks its addresses, and does it ask for --curve? What was stored stays; \
                    run the command again
                    """)
            }
            // Watermarks come within milliseconds; a socket to wait on is not worth its code here.
            usleep(2_000)
        }
    }
}

/// Events of one run, in memory: what a run that ends early has not sent is found again by the next.
private final class MemoryOutbox: Outbox {
    let stream = StreamID()
    private(set) var low: SequenceNumber = 1
    private var events: [[UInt8]] = []

    var next: SequenceNumber { low + SequenceNumber(events.count) }

    func append(_ event: [UInt8]) {
        events.append(event)
    }

    func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) -> [ArraySlice<UInt8>] {
        var bytes = 0
        var read: [ArraySlice<UInt8>] = []
        for event in events.dropFirst(Int(sequence - low)).prefix(maximumEvents) {
            bytes += event.count
            if bytes > maximumBytes, !read.isEmpty { break }
            read.append(event[...])
        }
        return read
    }

    func trim(through sequence: SequenceNumber) {
        let count = min(max(0, Int(sequence - low + 1)), events.count)
        events.removeFirst(count)
        low += SequenceNumber(count)
    }
}
