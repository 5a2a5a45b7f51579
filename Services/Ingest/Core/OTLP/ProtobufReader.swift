/// A reason why bytes are not the protobuf message that was expected; a position, never the bytes.
public struct ProtobufError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    public enum Reason: String, Hashable, Sendable {
        case truncated = "unexpected end"
        case overlongVarint = "integer of more than ten bytes"
        case invalidTag = "invalid field tag"
        case unbalancedGroup = "group that does not end"
        case tooDeep = "nested too deeply"
    }

    /// What was wrong.
    public let reason: Reason
    /// Byte offset at which reading stopped.
    public let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason and the offset in one line.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

/// A bounds-checked reader of protobuf's wire format: field after field of one message.
struct ProtobufReader {
    /// The deepest nesting of messages or groups that is read.
    static let maximumDepth = 64

    let bytes: [UInt8]
    private(set) var index: Int
    let end: Int

    /// Starts reading a message that is a part of an array.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
    }

    /// One field: its number and its value in the form of its wire type.
    struct Field {
        let number: UInt64
        let value: Value
    }

    /// A value as the wire carries it.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(Range<Int>)
    }

    /// The next field, or `nil` at the end of the message; groups, which OTLP never uses, are passed over.
    mutating func next() throws(ProtobufError) -> Field? {
        while index < end {
            let start = index
            let tag = try varint()
            guard tag >> 3 != 0 else { throw ProtobufError(.invalidTag, at: start) }
            switch tag & 7 {
            case 0: return Field(number: tag >> 3, value: .varint(try varint()))
            case 1: return Field(number: tag >> 3, value: .fixed64(try fixed(8)))
            case 2: return Field(number: tag >> 3, value: .bytes(try lengthDelimited()))
            case 3: try skipGroup(tag >> 3, depth: 1)
            case 5: return Field(number: tag >> 3, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
            default: throw ProtobufError(.invalidTag, at: start)
            }
        }
        return nil
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        guard index < end else { throw ProtobufError(.truncated, at: index) }
        let first = bytes[index]
        if first < 0x80 {
            index += 1
            return UInt64(first)
        }
        var value: UInt64 = 0
        for position in 0..<10 {
            guard index < end else { throw ProtobufError(.truncated, at: index) }
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << UInt64(7 * position)
            if byte < 0x80 { return value }
        }
        throw ProtobufError(.overlongVarint, at: index)
    }

    private mutating func fixed(_ width: Int) throws(ProtobufError) -> UInt64 {
        guard end - index >= width else { throw ProtobufError(.truncated, at: index) }
        var value: UInt64 = 0
        for offset in 0..<width { value |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
        index += width
        return value
    }

    private mutating func lengthDelimited() throws(ProtobufError) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(end - index) else { throw ProtobufError(.truncated, at: index) }
        let range = index..<index + Int(length)
        index = range.upperBound
        return range
    }

    private mutating func skipGroup(_ number: UInt64, depth: Int) throws(ProtobufError) {
        guard depth <= Self.maximumDepth else { throw ProtobufError(.tooDeep, at: index) }
        while index < end {
            let start = index
            let tag = try varint()
            switch tag & 7 {
            case 0: _ = try varint()
            case 1: _ = try fixed(8)
            case 2: _ = try lengthDelimited()
            case 3: try skipGroup(tag >> 3, depth: depth + 1)
            case 4:
                guard tag >> 3 == number else { throw ProtobufError(.unbalancedGroup, at: start) }
                return
            case 5: _ = try fixed(4)
            default: throw ProtobufError(.invalidTag, at: start)
            }
        }
        throw ProtobufError(.unbalancedGroup, at: index)
    }
}
