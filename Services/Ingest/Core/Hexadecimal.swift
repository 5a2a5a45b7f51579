/// Hexadecimal text in lower case.
enum Hexadecimal {
    /// Two digits for each byte.
    static func string(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var position = 0
            for byte in bytes {
                buffer[position] = digit(byte >> 4)
                buffer[position + 1] = digit(byte & 15)
                position += 2
            }
            return position
        }
    }

    /// The text in lower case, when it is digits only and not all zero.
    static func normalised(_ text: some Collection<UInt8>) -> String? {
        var lower: [UInt8] = []
        lower.reserveCapacity(text.count)
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): lower.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): lower.append(byte | 0x20)
            default: return nil
            }
        }
        guard lower.contains(where: { $0 != UInt8(ascii: "0") }) else { return nil }
        return String(decoding: lower, as: UTF8.self)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
