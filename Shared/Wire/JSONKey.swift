/// The name of an object's member while it is being read: a view of the text, compared with literals without a copy.
public struct JSONKey: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let range: Range<Int>

    @inlinable
    init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// The name as a string; invalid UTF-8 is replaced.
    public var string: String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Tells whether the name equals a literal, so that `switch key { case "model": … }` works.
    @inlinable
    public static func ~= (literal: StaticString, key: JSONKey) -> Bool {
        guard literal.utf8CodeUnitCount == key.range.count else { return false }
        return literal.withUTF8Buffer { expected in
            key.bytes.withUnsafeBufferPointer { actual in
                for offset in 0..<expected.count where expected[offset] != actual[key.range.lowerBound + offset] {
                    return false
                }
                return true
            }
        }
    }
}
