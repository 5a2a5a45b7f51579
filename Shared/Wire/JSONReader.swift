/// A strict pull reader of JSON text (RFC 8259) for events on the hot path.
///
/// A type reads itself by switching over member names:
///
///     try json.object { key, json throws(JSONError) in
///         switch key {
///         case "model": model = try json.string()
///         default: try json.skip()
///         }
///     }
///
/// Every value must be read or skipped exactly once. Nesting is limited; nothing traps on any input.
public struct JSONReader: Sendable {
    /// The deepest nesting that is accepted.
    public static let maximumDepth = 64

    @usableFromInline let bytes: [UInt8]
    @usableFromInline let end: Int
    @usableFromInline var depth = 0

    /// Byte offset of the next unread byte.
    public internal(set) var index: Int

    /// Starts reading at the first byte.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.index = 0
        self.end = bytes.count
    }

    /// Starts reading a copy of a slice.
    public init(copying slice: ArraySlice<UInt8>) {
        self.init(Array(slice))
    }

    /// Starts reading a part of an array without copying it.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range lies inside the text")
        self.bytes = bytes
        self.index = range.lowerBound
        self.end = range.upperBound
    }

    /// Starts reading a string's UTF-8 text.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// The kinds of JSON value, as told by their first byte.
    public enum Kind: Hashable, Sendable {
        case object, array, string, number, bool, null
    }
}

extension JSONReader {
    /// Looks at the next value's kind without reading it.
    public mutating func kind() throws(JSONError) -> Kind {
        skipWhitespace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw JSONError(.unexpectedByte, at: index)
        }
    }

    /// Reads an object, handing over each member's name; the closure reads or skips the value.
    @inlinable
    public mutating func object(
        _ member: (JSONKey, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter(UInt8(ascii: "{"))
        if try closes(UInt8(ascii: "}")) { return }
        while true {
            let key = try self.key()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
            if try !continues(UInt8(ascii: "}")) { return }
        }
    }

    /// Reads an array; the closure reads or skips each element.
    @inlinable
    public mutating func array(_ element: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try enter(UInt8(ascii: "["))
        if try closes(UInt8(ascii: "]")) { return }
        while true {
            try element(&self)
            if try !continues(UInt8(ascii: "]")) { return }
        }
    }

    /// Reads `null` if it is next and tells whether it was.
    public mutating func null() throws(JSONError) -> Bool {
        guard try kind() == .null else { return false }
        try literal("null")
        return true
    }

    /// Reads `true` or `false`.
    public mutating func bool() throws(JSONError) -> Bool {
        guard try kind() == .bool else { throw JSONError(.typeMismatch, at: index) }
        if bytes[index] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    /// Reads a string, with its escapes undone.
    public mutating func string() throws(JSONError) -> String {
        let start = index
        let (range, escaped) = try stringRange()
        if escaped {
            let text = try unescaped(range)
            guard let string = String(validating: text, as: UTF8.self) else { throw JSONError(.invalidUTF8, at: start) }
            return string
        }
        guard let string = validString(range) else { throw JSONError(.invalidUTF8, at: start) }
        return string
    }

    /// Reads a string or `null`.
    public mutating func optionalString() throws(JSONError) -> String? {
        try null() ? nil : string()
    }

    /// Reads a 64-bit integer written as a number or, as JSON needs past 2^53, as a string of digits.
    public mutating func int64() throws(JSONError) -> Int64 {
        skipWhitespace()
        let start = index
        let range: Range<Int>
        if index < end, bytes[index] == UInt8(ascii: "\"") {
            let (inner, escaped) = try stringRange()
            guard !escaped else { throw JSONError(.invalidNumber, at: start) }
            range = inner
        } else {
            range = try numberRange()
        }
        return try integer(in: range)
    }

    /// Reads a number and hands over its text, so that decimals never pass through floating point.
    public mutating func numberText() throws(JSONError) -> ArraySlice<UInt8> {
        bytes[try numberRange()]
    }

    /// Passes over one value of any kind, checking its form but not the UTF-8 inside strings.
    public mutating func skip() throws(JSONError) {
        switch try kind() {
        case .object:
            try object { _, json throws(JSONError) in try json.skip() }
        case .array:
            try array { json throws(JSONError) in try json.skip() }
        case .string: _ = try stringRange()
        case .number: _ = try numberRange()
        case .bool: _ = try bool()
        case .null: try literal("null")
        }
    }

    /// Passes over one value and tells which bytes it took.
    public mutating func raw() throws(JSONError) -> Range<Int> {
        skipWhitespace()
        let start = index
        try skip()
        return start..<index
    }

    /// Checks that nothing but white space follows.
    public mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard index == end else { throw JSONError(.trailingBytes, at: index) }
    }
}
