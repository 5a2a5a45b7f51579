import Pipeline
import SimulatedDisk
import Support

/// An ingest: the real spool on a disk that forgets what was not synchronized.
struct IngestNode {
    private let disk = SimulatedDisk()
    private var spool: Spool
    private(set) var senders: [String: StreamSender] = [:]
    private let mutation: Mutation?

    init(_ mutation: Mutation?) throws {
        self.mutation = mutation
        spool = try Self.root(on: disk).makeSpool()
        senders[spool.stream.description] = StreamSender(spool)
    }

    /// Takes requests in and answers them.
    ///
    /// - Parameter dies: whether the power goes between writing and synchronizing.
    /// - Returns: whether they were answered with 200.
    mutating func take(_ events: [[UInt8]], dies: Bool, using random: inout SeededRandom) throws -> Bool {
        try spool.append(events)
        if dies {
            try restart(using: &random)
            return mutation == .answerBeforeSynchronizing
        }
        try spool.synchronize()
        return true
    }

    /// The power goes; the next process makes a spool of its own and takes over what is left of the old one.
    mutating func restart(using random: inout SeededRandom) throws {
        senders = [:]
        disk.losePower(using: &random)
        let root = try Self.root(on: disk)
        spool = try root.makeSpool()
        senders[spool.stream.description] = StreamSender(spool)
        for orphan in try root.adoptOrphans().spools { senders[orphan.stream.description] = StreamSender(orphan) }
    }

    mutating func pump(
        onto network: inout SimulatedNetwork<[UInt8]>, at now: MonotonicInstant, using random: inout SeededRandom
    ) throws {
        for stream in senders.keys.sorted() {
            try senders[stream]?.pump(
                onto: &network, at: now, using: &random, forgets: mutation == .acknowledgementsOff)
        }
    }

    mutating func receive(_ watermark: SentWatermark, at now: MonotonicInstant) throws {
        try senders[watermark.stream]?.acknowledge(through: watermark.through, at: now)
    }

    /// Whether everything was acknowledged.
    var isDrained: Bool { senders.values.allSatisfy { $0.outbox.low >= $0.outbox.next } }

    private static func root(on disk: SimulatedDisk) throws -> SpoolRoot {
        var limits = Spool.Limits()
        limits.reservedBytes = 0
        limits.segmentBytes = 2048
        return try SpoolRoot("spool", limits: limits, disk: disk)
    }
}
