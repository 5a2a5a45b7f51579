/// A reason why bytes are not the JSON that was expected.
///
/// Carries a position and a name, never the bytes: payload text must not reach a log line.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    public enum Reason: String, Hashable, Sendable {
        case unexpectedEnd = "unexpected end"
        case unexpectedByte = "unexpected byte"
        case trailingBytes = "bytes after the value"
        case invalidNumber = "invalid number"
        case invalidEscape = "invalid escape"
        case invalidUTF8 = "invalid UTF-8"
        case tooDeep = "nested too deeply"
        case typeMismatch = "value of another type"
        case outOfRange = "number out of range"
        case missingMember = "required member missing"
        case invalidValue = "value not allowed"
    }

    /// What was wrong.
    public let reason: Reason
    /// Byte offset from the start of the text at which reading stopped.
    public let offset: Int
    /// The member that was being read, when known; always a name from our own code, never from the input.
    public let member: String?

    /// Makes an error at a byte offset.
    public init(_ reason: Reason, at offset: Int, member: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.member = member
    }

    /// The reason, the member and the offset in one line.
    public var description: String {
        guard let member else { return "\(reason.rawValue) at byte \(offset)" }
        return "\(reason.rawValue) for \"\(member)\" at byte \(offset)"
    }
}
