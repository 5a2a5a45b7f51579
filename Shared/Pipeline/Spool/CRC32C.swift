/// The Castagnoli checksum, eight bytes a step.
enum CRC32C {
    /// Continues a checksum over more bytes; start with 0.
    static func checksum(_ bytes: UnsafeRawBufferPointer, continuing checksum: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var state = ~checksum
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(state)
                state = 0
                for slice in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> (8 * UInt64(slice))) & 0xFF
                    state ^= tables[(7 - slice) * 256 + byte]
                }
                offset += 8
            }
            while offset < bytes.count {
                state = tables[Int((state ^ UInt32(bytes[offset])) & 0xFF)] ^ (state >> 8)
                offset += 1
            }
            return ~state
        }
    }

    /// Table n tells what a byte does to the checksum when n further bytes follow it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var state = UInt32(byte)
            for _ in 0..<8 {
                state = state & 1 == 1 ? (state >> 1) ^ 0x82F6_3B78 : state >> 1
            }
            tables[byte] = state
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = tables[Int(previous & 0xFF)] ^ (previous >> 8)
        }
        return tables
    }()
}
