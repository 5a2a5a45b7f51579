import Crypto
import Metering

/// Derives identities from whole source records.
///
/// The encoding is canonical: attributes are sorted, and a number counts the same as `12`, `12.0` or `"12"`, so that the
/// JSON and the protobuf form of one record, and a byte-for-byte resend, have one identity. Content is hashed, not kept.
struct RecordHasher {
    private var buffer: [UInt8] = []

    /// Starts the identity of one kind of thing.
    init(_ kind: StaticString) {
        buffer.reserveCapacity(2048)
        add(kind)
    }

    /// The first 128 bits of the SHA-256 of all that was added.
    func identity() -> ContentID {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        for (offset, byte) in SHA256.hash(data: buffer).prefix(16).enumerated() {
            if offset < 8 {
                words.high = words.high << 8 | UInt64(byte)
            } else {
                words.low = words.low << 8 | UInt64(byte)
            }
        }
        return ContentID(high: words.high, low: words.low)
    }

    mutating func add(_ literal: StaticString) {
        literal.withUTF8Buffer { bytes in
            add(count: bytes.count, tag: "t")
            buffer.append(contentsOf: bytes)
        }
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        add(count: bytes.count, tag: "t")
        buffer.append(contentsOf: bytes)
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            add(count: bytes.count, tag: "t")
            buffer.append(contentsOf: bytes)
        }
    }

    mutating func add(_ number: Int64?) {
        guard let number else { return add(count: 0, tag: "-") }
        add(count: Int(truncatingIfNeeded: number), tag: "i")
    }

    mutating func add(_ time: Timestamp?) {
        add(time?.nanoseconds)
    }

    mutating func add(_ id: ContentID) {
        add(count: Int(truncatingIfNeeded: id.high), tag: "h")
        add(count: Int(truncatingIfNeeded: id.low), tag: "h")
    }

    mutating func add(_ value: AttributeValue) {
        switch value {
        case .empty: add(count: 0, tag: "-")
        case .text(let utf8): add(text: utf8)
        case .integer(let number): add(number)
        case .double(let number): add(number)
        case .boolean(let flag): add(count: flag ? 1 : 0, tag: "b")
        case .bytes(let bytes):
            add(count: bytes.count, tag: "y")
            buffer.append(contentsOf: bytes)
        case .array(let values):
            add(count: values.count, tag: "a")
            for value in values { add(value) }
        case .map(let attributes):
            add(Attributes(attributes))
        }
    }

    /// Adds attributes in the order of their names, without those whose name a closure leaves out.
    mutating func add(_ attributes: Attributes, except isLeftOut: (ArraySlice<UInt8>) -> Bool = { _ in false }) {
        var order: [SortKey] = []
        order.reserveCapacity(attributes.list.count)
        for index in attributes.list.indices where !isLeftOut(attributes.list[index].key) {
            order.append(SortKey(prefix: Self.prefix(of: attributes.list[index].key), index: index))
        }
        order.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            let (leftKey, rightKey) = (attributes.list[left.index].key, attributes.list[right.index].key)
            if leftKey.elementsEqual(rightKey) { return left.index < right.index }
            return leftKey.lexicographicallyPrecedes(rightKey)
        }
        add(count: order.count, tag: "m")
        for item in order {
            add(attributes.list[item.index].key)
            add(attributes.list[item.index].value)
        }
    }

    private struct SortKey {
        /// The name's first eight bytes, which decide most comparisons.
        let prefix: UInt64
        let index: Int
    }

    private static func prefix(of key: ArraySlice<UInt8>) -> UInt64 {
        key.withUnsafeBufferPointer { bytes in
            var prefix: UInt64 = 0
            for position in 0..<8 { prefix = prefix << 8 | (position < bytes.count ? UInt64(bytes[position]) : 0) }
            return prefix
        }
    }

    private mutating func add(_ number: Double) {
        if let integer = Int64(exactly: number) { return add(integer) }
        let text = number.description
        add(count: text.utf8.count, tag: "d")
        buffer.append(contentsOf: text.utf8)
    }

    /// A text that is a number counts as that number, since some exporters write numbers as text.
    ///
    /// Only where the number is exact: of two long identities made of digits neither may stand for the other.
    private mutating func add(text utf8: ArraySlice<UInt8>) {
        if let first = utf8.first,
            first == UInt8(ascii: "-") || (first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")),
            utf8.count <= 19, let number = NumberText.parsed(utf8)
        {
            switch number {
            case .integer(let integer): return add(integer)
            case .double(let double) where utf8.count <= 17: return add(double)
            default: break
            }
        }
        add(utf8)
    }

    private mutating func add(count: Int, tag: Unicode.Scalar) {
        buffer.append(UInt8(ascii: tag))
        var rest = UInt64(truncatingIfNeeded: count)
        // Seven bits a byte: counts are small, and the form is unambiguous.
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.append(UInt8(truncatingIfNeeded: rest))
    }
}
