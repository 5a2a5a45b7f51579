/// What the bytes of one segment hold: pure, so that any damage can be tried on it.
struct SegmentScan: Equatable {
    /// Sound records that follow each other without a gap.
    struct Run: Equatable {
        let first: SequenceNumber
        /// Where each record begins.
        var offsets: [UInt32]
        /// Where the last one ends.
        var end: UInt32

        /// The number after the last record.
        var next: SequenceNumber { first + Int64(offsets.count) }
    }

    /// The sound records, ascending.
    private(set) var runs: [Run] = []
    /// Bytes that are no sound record although something was written there whole.
    private(set) var damage: [Range<Int>] = []
    /// The unfinished record at the end, as a process leaves it that dies in the middle of writing.
    private(set) var tornTail: Range<Int>?

    /// Finds the records of a segment.
    ///
    /// - Parameters:
    ///   - first: the number its name gives.
    ///   - isLast: whether no later segment exists; only there an unfinished end is nothing to worry about.
    init(_ bytes: [UInt8], first: SequenceNumber, isLast: Bool) {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            var expected = first
            while offset < bytes.count {
                guard let (start, record) = Self.nextRecord(in: bytes, from: offset, expected: expected) else {
                    endsUnsound(bytes, from: offset, isLast: isLast)
                    return
                }
                if start > offset { damage.append(offset..<start) }
                append(record, at: start)
                offset = record.end
                expected = record.sequence + 1
            }
        }
    }

    private mutating func append(_ record: SpoolRecord.Found, at start: Int) {
        if let last = runs.indices.last, runs[last].next == record.sequence, Int(runs[last].end) == start {
            runs[last].offsets.append(UInt32(start))
            runs[last].end = UInt32(record.end)
        } else {
            runs.append(Run(first: record.sequence, offsets: [UInt32(start)], end: UInt32(record.end)))
        }
    }

    private mutating func endsUnsound(_ bytes: UnsafeRawBufferPointer, from offset: Int, isLast: Bool) {
        let rest = offset..<bytes.count
        let declared = SpoolRecord.payload(declaredIn: bytes, at: offset)
        let isShort = rest.count <= SpoolRecord.headerSize || (declared.map { $0.upperBound > bytes.count } ?? false)
        // A file that grew before its bytes were written ends in zeros.
        if isLast && (isShort || bytes[rest].allSatisfy { $0 == 0 }) {
            tornTail = rest
        } else {
            damage.append(rest)
        }
    }

    private static func nextRecord(
        in bytes: UnsafeRawBufferPointer, from offset: Int, expected: SequenceNumber
    ) -> (start: Int, record: SpoolRecord.Found)? {
        var start = offset
        while start + SpoolRecord.headerSize < bytes.count {
            // Even records of one byte cannot bring the numbers further than this.
            let reach = Int64((start - offset) / (SpoolRecord.headerSize + 1))
            if let record = SpoolRecord.read(bytes, at: start, sequences: expected...expected + reach) {
                return (start, record)
            }
            start += 1
        }
        return nil
    }
}
