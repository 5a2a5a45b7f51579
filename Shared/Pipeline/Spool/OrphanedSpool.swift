/// A spool whose process ended, taken over to be drained.
///
/// It is only read: what its process had not made durable was answered to nobody.
public final class OrphanedSpool: Outbox {
    /// What was found when the spool was taken over; anything but records is to be logged and counted.
    public struct Report: Hashable, Sendable {
        /// How many sound records there are.
        public internal(set) var records: Int64 = 0
        /// Bytes of an unfinished record at the end: its process died while writing it, nobody was told it was safe.
        public internal(set) var tornBytes = 0
        /// Bytes that were written whole and are no sound record; copies lie in the `quarantine` directory.
        public internal(set) var damagedBytes = 0
        /// The copies made of damaged bytes.
        public internal(set) var quarantined: [String] = []
        /// Numbers lost between sound records; receivers will report them too.
        public internal(set) var missing: [Range<SequenceNumber>] = []
    }

    /// The stream whose numbers these are.
    public let stream: StreamID
    /// What was found.
    public let report: Report
    private let segments: SpoolSegments
    private let lock: any DirectoryLock

    init(
        stream: StreamID, directory: String, quarantine: String, disk: any Disk, lock: any DirectoryLock
    ) throws(DiskError) {
        self.stream = stream
        self.lock = lock
        segments = SpoolSegments(directory: directory, disk: disk)
        var report = Report()
        let names = try disk.entries(of: directory).compactMap(SpoolSegments.segment(named:)).sorted()
        for name in names {
            let file = try disk.openFile("\(directory)/\(SpoolSegments.fileName(of: name))")
            let bytes = try file.read(at: 0, count: try file.size)
            let scan = SegmentScan(bytes, first: name, isLast: name == names.last)
            segments.adopt(scan, file: file, size: bytes.count, named: name)
            report.records += scan.runs.reduce(0) { $0 + Int64($1.offsets.count) }
            report.tornBytes += scan.tornTail?.count ?? 0
            for range in scan.damage {
                report.damagedBytes += range.count
                let path = "\(quarantine)/\(stream)-\(name)-\(range.lowerBound)"
                try Self.keep(Array(bytes[range]), at: path, below: quarantine, disk: disk)
                report.quarantined.append(path)
            }
        }
        report.missing = segments.holes
        self.report = report
    }

    /// The oldest number not acknowledged.
    public var low: SequenceNumber { segments.low }

    /// The number after the last sound event.
    public var next: SequenceNumber { segments.next }

    /// Bytes of the segment files.
    public var byteCount: Int64 { segments.byteCount }

    /// Records that were sound when the spool was taken over and no longer were when read.
    public var decayed: Int { segments.decayed }

    /// Reads events from disk.
    public func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) throws -> [ArraySlice<UInt8>] {
        try segments.read(from: sequence, maximumEvents: maximumEvents, maximumBytes: maximumBytes)
    }

    /// Lets go of acknowledged events and deletes the segments that held nothing else.
    public func trim(through sequence: SequenceNumber) throws {
        try segments.trim(through: sequence)
    }

    /// Removes the drained spool from the disk.
    ///
    /// - Precondition: everything was acknowledged.
    public func remove() throws(SpoolError) {
        precondition(isEmpty, "a spool is removed once it is drained")
        do throws(DiskError) {
            try segments.removeAll()
        } catch {
            throw .failed(error)
        }
    }

    private static func keep(
        _ bytes: [UInt8], at path: String, below directory: String, disk: any Disk
    ) throws(DiskError) {
        try disk.createDirectory(directory)
        do throws(DiskError) {
            let file = try disk.createFile(path)
            try file.append(bytes)
            try file.synchronize()
        } catch {
            // An earlier adoption of the same spool kept them already.
            guard error.isExisting else { throw error }
        }
    }
}
