/// One event in a segment: `length u32 | crc32c u32 | sequence u64 | payload`, little-endian.
///
/// The checksum covers length, sequence and payload.
enum SpoolRecord {
    static let headerSize = 16

    /// Writes a record at the end of a buffer.
    static func append(_ payload: some Collection<UInt8>, sequence: SequenceNumber, to buffer: inout [UInt8]) {
        let start = buffer.count
        withUnsafeBytes(of: UInt32(payload.count).littleEndian) { buffer.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(0)) { buffer.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt64(sequence).littleEndian) { buffer.append(contentsOf: $0) }
        buffer.append(contentsOf: payload)
        let checksum = buffer.withUnsafeBytes { Self.checksum(of: UnsafeRawBufferPointer(rebasing: $0[start...])) }
        withUnsafeBytes(of: checksum.littleEndian) { buffer.replaceSubrange(start + 4..<start + 8, with: $0) }
    }

    /// A record found in bytes.
    struct Found {
        let sequence: SequenceNumber
        /// Where its payload lies.
        let payload: Range<Int>
        /// Where the next record begins.
        var end: Int { payload.upperBound }
    }

    /// Reads the record that begins at an offset.
    ///
    /// - Parameter sequences: only these numbers are taken, checked before the checksum is computed.
    /// - Returns: nil where no whole and sound record begins there.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, sequences: ClosedRange<SequenceNumber>
    ) -> Found? {
        guard let payload = payload(declaredIn: bytes, at: offset), payload.upperBound <= bytes.count else {
            return nil
        }
        let sequence = SequenceNumber(
            bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
        guard sequences.contains(sequence) else { return nil }
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        guard checksum(of: UnsafeRawBufferPointer(rebasing: bytes[offset..<payload.upperBound])) == stored else {
            return nil
        }
        return Found(sequence: sequence, payload: payload)
    }

    /// Where the payload of the record at an offset would lie, by its header; nil where that cannot be a header.
    static func payload(declaredIn bytes: UnsafeRawBufferPointer, at offset: Int) -> Range<Int>? {
        guard offset + headerSize < bytes.count else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        guard (1...Spool.maximumEventBytes).contains(length) else { return nil }
        return offset + headerSize..<offset + headerSize + length
    }

    private static func checksum(of record: UnsafeRawBufferPointer) -> UInt32 {
        let ofLength = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: record[..<4]))
        return CRC32C.checksum(UnsafeRawBufferPointer(rebasing: record[8...]), continuing: ofLength)
    }
}
