import Wire

extension JSONReader {
    /// Reads a scalar of any kind; objects and lists are passed over and count as an empty list.
    mutating func scalar() throws(JSONError) -> AttributeValue {
        switch try kind() {
        case .string: return .text(ArraySlice(try string().utf8))
        case .number: return NumberText.value(try numberText())
        case .bool: return .boolean(try bool())
        case .null:
            try skip()
            return .empty
        case .object, .array:
            try skip()
            return .array([])
        }
    }

    /// Reads a short text safe to keep; `nil` for anything else, and for the empty text.
    mutating func scalarText() throws(JSONError) -> String? {
        switch try scalar() {
        case .text(let utf8): BoundedText.string(utf8)
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// Reads a number, or whatever stands in its place, for a later check; `nil` for null.
    mutating func usageNumber() throws(JSONError) -> AttributeValue? {
        switch try scalar() {
        case .empty: nil
        case let value: value
        }
    }

    /// Reads an amount of money as its own text, so that it never passes through floating point; `nil` for null.
    mutating func moneyNumber() throws(JSONError) -> AttributeValue? {
        guard try kind() == .number else { return try usageNumber() }
        return .text(try numberText())
    }

    /// Reads an object; anything else is passed over.
    mutating func objectIfAny(_ member: (JSONKey, inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        guard try kind() == .object else { return try skip() }
        try object(member)
    }

    /// Reads a path and gives its last component: a project's name without where it lies.
    mutating func lastPathComponent() throws(JSONError) -> String? {
        guard case .text(let path) = try scalar() else { return nil }
        let parts = path.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        return parts.last.flatMap { BoundedText.string($0) }
    }
}
