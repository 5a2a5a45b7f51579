import DequeModule

/// The segment files of one spool directory: finding, reading and letting go of records.
final class SpoolSegments {
    /// Records of one file that follow each other without a gap; between two extents events are lost.
    private struct Extent {
        let segment: SequenceNumber
        var run: SegmentScan.Run
    }

    private struct Segment {
        let file: any DiskFile
        var size: Int
        /// The file's whole content, while it is recent enough to be kept.
        var recent: [UInt8]?
    }

    /// How many of the newest segments this process wrote stay in memory, so that sending reads no disk.
    private static let recentSegments = 2

    let directory: String
    let disk: any Disk
    private(set) var low: SequenceNumber
    private(set) var next: SequenceNumber
    private(set) var byteCount: Int64 = 0
    /// Records that were sound when they were written or recovered, and no longer were when read.
    private(set) var decayed = 0
    private var extents: Deque<Extent> = []
    private var segments: [SequenceNumber: Segment] = [:]
    private var newest: SequenceNumber?

    /// An empty directory, to be written.
    init(directory: String, disk: any Disk) {
        self.directory = directory
        self.disk = disk
        low = 1
        next = 1
    }

    var hasSegment: Bool { newest != nil }

    var newestSize: Int {
        newest.flatMap { segments[$0]?.size } ?? 0
    }

    static func fileName(of segment: SequenceNumber) -> String {
        let digits = String(segment)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".seg"
    }

    static func segment(named name: String) -> SequenceNumber? {
        guard name.utf8.count == 24, name.hasSuffix(".seg"), let segment = SequenceNumber(name.dropLast(4)) else {
            return nil
        }
        return segment >= 1 ? segment : nil
    }

    /// Begins a new file at the present number, durable before anything in it is.
    func beginSegment() throws(DiskError) {
        let file = try disk.createFile("\(directory)/\(Self.fileName(of: next))")
        try disk.synchronizeDirectory(directory)
        segments[next] = Segment(file: file, size: 0, recent: [])
        newest = next
        for old in segments.keys.sorted().dropLast(Self.recentSegments) { segments[old]?.recent = nil }
        dropAcknowledgedFiles()
    }

    /// Writes records to the newest file and makes them durable.
    ///
    /// - Throws: `AppendFailure.notWritten` where the file is as it was before, so that writing may be tried again.
    func append(_ records: [UInt8], offsets: [UInt32]) throws(AppendFailure) {
        guard let newest, let file = segments[newest]?.file else { preconditionFailure("no segment was begun") }
        do throws(DiskError) {
            try file.append(records)
        } catch let failure {
            do throws(DiskError) {
                try file.truncate(to: newestSize)
            } catch {
                throw .unknownState(error)
            }
            throw failure.isFull ? .notWritten(failure) : .unknownState(failure)
        }
        do throws(DiskError) {
            try file.synchronize()
        } catch {
            throw .unknownState(error)
        }
        adopt(records, offsets: offsets, in: newest)
    }

    /// What is known of the file after a failure.
    enum AppendFailure: Error {
        /// It is as before.
        case notWritten(DiskError)
        /// It is not known what the disk holds.
        case unknownState(DiskError)
    }

    private func adopt(_ records: [UInt8], offsets: [UInt32], in segment: SequenceNumber) {
        let base = UInt32(segments[segment]?.size ?? 0)
        segments[segment]?.size += records.count
        segments[segment]?.recent?.append(contentsOf: records)
        byteCount += Int64(records.count)
        if extents.last?.segment != segment {
            extents.append(Extent(segment: segment, run: .init(first: next, offsets: [], end: base)))
        }
        let last = extents.count - 1
        extents[last].run.offsets.append(contentsOf: offsets.map { base + $0 })
        extents[last].run.end = base + UInt32(records.count)
        next += Int64(offsets.count)
    }

    /// Takes over a file that an earlier process wrote; files come in ascending order.
    func adopt(_ scan: SegmentScan, file: any DiskFile, size: Int, named segment: SequenceNumber) {
        segments[segment] = Segment(file: file, size: size, recent: nil)
        byteCount += Int64(size)
        if extents.isEmpty {
            low = scan.runs.first?.first ?? segment
            next = low
        }
        for run in scan.runs {
            extents.append(Extent(segment: segment, run: run))
            next = run.next
        }
    }

    /// Numbers lost between the extents.
    var holes: [Range<SequenceNumber>] {
        zip(extents, extents.dropFirst()).compactMap { before, after in
            before.run.next < after.run.first ? before.run.next..<after.run.first : nil
        }
    }

    func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) throws(DiskError) -> [ArraySlice<UInt8>] {
        guard
            let position = extents.firstIndex(where: { $0.run.first <= sequence && sequence < $0.run.next }),
            let segment = segments[extents[position].segment]
        else { return [] }
        let run = extents[position].run
        let start = Int(sequence - run.first)
        let end = Self.end(of: run, from: start, maximumEvents: maximumEvents, maximumBytes: maximumBytes)
        let range = Int(run.offsets[start])..<Self.offset(of: end, in: run)
        let bytes: [UInt8]
        if let recent = segment.recent {
            bytes = Array(recent[range])
        } else {
            bytes = try segment.file.read(at: range.lowerBound, count: range.count)
        }
        let events = Self.payloads(in: bytes, count: end - start, first: sequence)
        if events.isEmpty { lose(sequence, in: position) }
        return events
    }

    /// Which record of a run is the first not to be read.
    private static func end(
        of run: SegmentScan.Run, from start: Int, maximumEvents: Int, maximumBytes: Int
    ) -> Int {
        let limit = min(run.offsets.count, start + maximumEvents)
        let base = Int(run.offsets[start])
        var end = start + 1
        while end < limit {
            let payloadBytes = offset(of: end + 1, in: run) - base - (end + 1 - start) * SpoolRecord.headerSize
            guard payloadBytes <= maximumBytes else { break }
            end += 1
        }
        return end
    }

    private static func offset(of index: Int, in run: SegmentScan.Run) -> Int {
        index < run.offsets.count ? Int(run.offsets[index]) : Int(run.end)
    }

    /// The payloads up to the first record that is not sound.
    private static func payloads(
        in bytes: [UInt8], count: Int, first: SequenceNumber
    ) -> [ArraySlice<UInt8>] {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(count)
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while ranges.count < count {
                let sequence = first + Int64(ranges.count)
                guard let record = SpoolRecord.read(bytes, at: offset, sequences: sequence...sequence) else { return }
                ranges.append(record.payload)
                offset = record.end
            }
        }
        return ranges.map { bytes[$0] }
    }

    /// Cuts a record out that decayed on disk: receivers will see the hole once everything before it is acknowledged.
    private func lose(_ sequence: SequenceNumber, in position: Int) {
        decayed += 1
        var extent = extents[position]
        let index = Int(sequence - extent.run.first)
        let after = SegmentScan.Run(
            first: sequence + 1, offsets: Array(extent.run.offsets[(index + 1)...]), end: extent.run.end)
        extent.run.end = extent.run.offsets[index]
        extent.run.offsets.removeSubrange(index...)
        let kept = [extent, Extent(segment: extent.segment, run: after)].filter { !$0.run.offsets.isEmpty }
        extents.replaceSubrange(position...position, with: kept)
        advanceLow(to: low)
    }

    func trim(through sequence: SequenceNumber) throws(DiskError) {
        guard sequence >= low else { return }
        while let first = extents.first, first.run.next <= sequence + 1, first.segment != newest {
            extents.removeFirst()
        }
        advanceLow(to: sequence + 1)
        dropAcknowledgedFiles()
    }

    private func advanceLow(to sequence: SequenceNumber) {
        let held = extents.first { $0.run.next > sequence }
        low = min(next, max(sequence, held?.run.first ?? next))
    }

    private func dropAcknowledgedFiles() {
        let needed = Set(extents.lazy.filter { $0.run.next > self.low }.map(\.segment))
        for (segment, state) in segments where !needed.contains(segment) && segment != newest {
            // A file that stays is adopted after a restart and acknowledged again: nothing hangs on its removal.
            try? disk.removeFile("\(directory)/\(Self.fileName(of: segment))")
            segments[segment] = nil
            byteCount -= Int64(state.size)
        }
    }

    /// Removes every file and the directory.
    func removeAll() throws(DiskError) {
        for segment in segments.keys {
            try disk.removeFile("\(directory)/\(Self.fileName(of: segment))")
        }
        segments = [:]
        extents = []
        try disk.removeDirectory(directory)
    }
}
