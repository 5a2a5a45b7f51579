/// A writer of compact JSON text into one growing buffer.
///
/// Commas are set by looking at the last byte written, so a writer needs no stack.
public struct JSONWriter: Sendable {
    /// The text written so far.
    public var bytes: [UInt8] { output }

    @usableFromInline var output: [UInt8] = []

    /// Starts an empty text with room for a typical event.
    public init(capacity: Int = 1024) {
        output.reserveCapacity(capacity)
    }

    /// Forgets what was written and keeps the room.
    public mutating func removeAll() {
        output.removeAll(keepingCapacity: true)
    }

    /// Writes an object whose members the closure writes.
    @inlinable
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        beginObject()
        members(&self)
        endObject()
    }

    /// Writes an array whose elements the closure writes.
    @inlinable
    public mutating func array(_ elements: (inout JSONWriter) -> Void) {
        beginArray()
        elements(&self)
        endArray()
    }

    /// Opens an object.
    public mutating func beginObject() {
        separate()
        output.append(UInt8(ascii: "{"))
    }

    /// Closes the object opened last.
    public mutating func endObject() {
        output.append(UInt8(ascii: "}"))
    }

    /// Opens an array.
    public mutating func beginArray() {
        separate()
        output.append(UInt8(ascii: "["))
    }

    /// Closes the array opened last.
    public mutating func endArray() {
        output.append(UInt8(ascii: "]"))
    }

    /// Writes a member's name; its value must follow.
    public mutating func key(_ name: StaticString) {
        separate()
        output.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(UInt8(ascii: "\""))
        output.append(UInt8(ascii: ":"))
    }

    /// Writes a member's name that is not a literal; its value must follow.
    public mutating func key(dynamic name: String) {
        string(name)
        output.append(UInt8(ascii: ":"))
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        separate()
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                output.append(contentsOf: utf8)
            } else {
                for byte in utf8 { escape(byte) }
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Writes an integer as a number.
    public mutating func integer(_ value: Int64) {
        separate()
        appendDigits(value)
    }

    /// Writes an integer as a string of digits, for values that may pass 2^53.
    public mutating func integerString(_ value: Int64) {
        separate()
        output.append(UInt8(ascii: "\""))
        appendDigits(value)
        output.append(UInt8(ascii: "\""))
    }

    private mutating func appendDigits(_ value: Int64) {
        // Digits come from the last to the first; they wait outside the output, a part of which cannot be reversed in place.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = digits.count
            var magnitude = value.magnitude
            repeat {
                position -= 1
                digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            if value < 0 {
                position -= 1
                digits[position] = UInt8(ascii: "-")
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: digits[position...]))
        }
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        output.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        output.append(contentsOf: "null".utf8)
    }

    /// Writes a value that already is JSON output.
    @inlinable
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        output.append(contentsOf: json)
    }

    @usableFromInline
    mutating func separate() {
        guard let last = output.last else { return }
        switch last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: output.append(UInt8(ascii: ","))
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            let hex = Array("0123456789abcdef".utf8)
            output.append(contentsOf: "\\u00".utf8)
            output.append(hex[Int(byte >> 4)])
            output.append(hex[Int(byte & 15)])
        default: output.append(byte)
        }
    }
}

extension JSONWriter {
    /// Writes a string member, or nothing when there is no value.
    public mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    /// Writes an integer member, or nothing when there is no value.
    public mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    /// Writes a Boolean member.
    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }
}
