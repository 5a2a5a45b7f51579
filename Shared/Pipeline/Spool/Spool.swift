import Wire

/// The outbox of a service that answers clients once their events are durable: an append-only log in segment files.
///
/// Append what has queued, then synchronize once: only then are the events durable and readable. A spool is written by one
/// process only; after that process ends it is drained as an ``OrphanedSpool`` by another, so no number is ever given
/// twice. Used by the thread of its stage alone.
public final class Spool: Outbox {
    /// Limits of a spool.
    public struct Limits: Hashable, Sendable {
        /// How large a segment file grows before the next one is begun.
        public var segmentBytes = 16 << 20
        /// The most bytes of unacknowledged segments.
        public var maximumBytes: Int64 = 1 << 30
        /// Bytes of the disk that are never used.
        public var reservedBytes: Int64 = 256 << 20

        /// Makes limits with the house's values.
        public init() {}
    }

    /// The most bytes of one event.
    public static var maximumEventBytes: Int { Batch.maximumEventBytes }

    /// The stream whose numbers these are, which is also the name of the directory.
    public let stream: StreamID
    private let limits: Limits
    private let segments: SpoolSegments
    private let lock: any DirectoryLock
    private var pending: [UInt8] = []
    private var pendingOffsets: [UInt32] = []
    // Asked once a commit; nil when not yet asked since the last one.
    private var availableBytes: Int64?
    private var failure: DiskError?

    init(stream: StreamID, directory: String, limits: Limits, disk: any Disk, lock: any DirectoryLock) {
        self.stream = stream
        self.limits = limits
        self.lock = lock
        segments = SpoolSegments(directory: directory, disk: disk)
    }

    /// The oldest number not acknowledged.
    public var low: SequenceNumber { segments.low }

    /// The number after the last durable event.
    public var next: SequenceNumber { segments.next }

    /// Bytes of the segment files.
    public var byteCount: Int64 { segments.byteCount }

    /// How many events were appended and are not yet durable.
    public var pendingCount: Int { pendingOffsets.count }

    /// Takes events for the next ``synchronize()``: all of them, or none where it throws.
    ///
    /// - Throws: `SpoolError.eventTooLarge`; `.full` and `.diskFull`, after which a later try may succeed; `.failed`.
    public func append(_ events: [[UInt8]]) throws(SpoolError) {
        try take(events)
    }

    /// Takes events that are parts of larger buffers, like ``append(_:)-([[UInt8]])``.
    public func append(_ events: [ArraySlice<UInt8>]) throws(SpoolError) {
        try take(events)
    }

    /// Makes everything appended durable with one `fdatasync`.
    ///
    /// - Throws: `SpoolError.diskFull`: everything appended since the last time is forgotten and may be appended again;
    ///   `.failed`: it is not known what is durable, so nothing may be answered, and the process must end.
    public func synchronize() throws(SpoolError) {
        if let failure { throw .failed(failure) }
        // Also where nothing is pending, because it was refused for want of room: the next append asks anew.
        availableBytes = nil
        guard !pending.isEmpty else { return }
        defer {
            pending.removeAll(keepingCapacity: pending.capacity <= limits.segmentBytes)
            pendingOffsets.removeAll(keepingCapacity: true)
        }
        try beginSegmentIfNeeded()
        do throws(SpoolSegments.AppendFailure) {
            try segments.append(pending, offsets: pendingOffsets)
        } catch {
            switch error {
            case .notWritten: throw .diskFull(available: 0, reserve: limits.reservedBytes)
            case .unknownState(let error): throw failed(error)
            }
        }
    }

    /// Reads durable events, from memory while they are recent.
    public func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) throws -> [ArraySlice<UInt8>] {
        try segments.read(from: sequence, maximumEvents: maximumEvents, maximumBytes: maximumBytes)
    }

    /// Lets go of acknowledged events and deletes the segments that held nothing else.
    public func trim(through sequence: SequenceNumber) throws {
        try segments.trim(through: sequence)
    }

    /// Ends the use of the spool: removes it where everything was acknowledged, else leaves it for the next start.
    public func close() throws(SpoolError) {
        guard failure == nil, isEmpty, pending.isEmpty else { return }
        do throws(DiskError) {
            try segments.removeAll()
        } catch {
            throw failed(error)
        }
    }

    // Generic inside, concrete outside: only within its module is a generic function compiled for its arguments.
    private func take<Event: Collection<UInt8>>(_ events: [Event]) throws(SpoolError) {
        if let failure { throw .failed(failure) }
        var bytes = 0
        for event in events {
            guard event.count <= Self.maximumEventBytes else {
                throw .eventTooLarge(bytes: event.count, limit: Self.maximumEventBytes)
            }
            precondition(!event.isEmpty, "an event is JSON text and has at least a byte")
            bytes += SpoolRecord.headerSize + event.count
        }
        try checkRoom(for: Int64(pending.count + bytes))
        for event in events {
            pendingOffsets.append(UInt32(pending.count))
            SpoolRecord.append(event, sequence: segments.next + Int64(pendingOffsets.count) - 1, to: &pending)
        }
    }

    private func checkRoom(for bytes: Int64) throws(SpoolError) {
        guard segments.byteCount + bytes <= limits.maximumBytes else { throw .full(limit: limits.maximumBytes) }
        let available: Int64
        if let known = availableBytes {
            available = known
        } else {
            do throws(DiskError) {
                available = try segments.disk.availableBytes(at: segments.directory)
            } catch {
                throw failed(error)
            }
            availableBytes = available
        }
        guard available - bytes >= limits.reservedBytes else {
            throw .diskFull(available: available, reserve: limits.reservedBytes)
        }
    }

    private func beginSegmentIfNeeded() throws(SpoolError) {
        let size = segments.newestSize
        guard !segments.hasSegment || (size > 0 && size + pending.count > limits.segmentBytes) else { return }
        do throws(DiskError) {
            try segments.beginSegment()
        } catch {
            guard error.isFull else { throw failed(error) }
            throw .diskFull(available: 0, reserve: limits.reservedBytes)
        }
    }

    private func failed(_ error: DiskError) -> SpoolError {
        failure = error
        return .failed(error)
    }
}
