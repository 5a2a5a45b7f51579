/// 128 bits derived from content, such as an observation's identity.
public struct ContentID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// Makes an identity from its bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits; `nil` for anything else.
    public init?(hexadecimal text: some Collection<UInt8>) {
        guard text.count == 32, let high = Self.word(text.prefix(16)), let low = Self.word(text.suffix(16)) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    /// Reads 32 hexadecimal digits; `nil` for anything else.
    public init?(hexadecimal text: String) {
        self.init(hexadecimal: text.utf8)
    }

    /// 32 hexadecimal digits.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            for position in 0..<16 {
                let shift = UInt64(60 - 4 * position)
                buffer[position] = Self.digit(high >> shift & 15)
                buffer[position + 16] = Self.digit(low >> shift & 15)
            }
            return 32
        }
    }

    /// Orders by bits.
    public static func < (left: ContentID, right: ContentID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func word(_ text: some Collection<UInt8>) -> UInt64? {
        var word: UInt64 = 0
        for byte in text {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            word = word << 4 | UInt64(digit)
        }
        return word
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
