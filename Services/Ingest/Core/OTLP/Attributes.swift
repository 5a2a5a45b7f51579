/// The attributes of a resource, a record, a span or a metric point.
///
/// Readers ask for attributes by name: what nobody asks for never leaves the request's body.
struct Attributes: Hashable, Sendable {
    /// The most attributes and nested values of one record; a record with more is not read.
    static let maximumValues = 4096

    private(set) var list: [Attribute] = []
    /// A mark of each name: readers look for many names, and comparing marks touches no text.
    private var marks: [UInt64] = []

    /// Makes a set of attributes.
    init(_ list: [Attribute] = []) {
        self.list = list
        marks = list.map { $0.key.withUnsafeBufferPointer(Self.mark) }
    }

    mutating func append(_ attribute: Attribute) {
        // Records have two dozen attributes: growing step by step would copy them five times.
        if list.isEmpty {
            list.reserveCapacity(32)
            marks.reserveCapacity(32)
        }
        list.append(attribute)
        marks.append(attribute.key.withUnsafeBufferPointer(Self.mark))
    }

    /// The first value under a name; `nil` when there is none or it is unset.
    subscript(name: StaticString) -> AttributeValue? {
        let wanted = name.withUTF8Buffer(Self.mark)
        for index in marks.indices where marks[index] == wanted && list[index].key.equals(name) {
            if case .empty = list[index].value { return nil }
            return list[index].value
        }
        return nil
    }

    /// Length, beginning and end of a name in one word.
    private static func mark(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var mark = UInt64(truncatingIfNeeded: name.count)
        for byte in name.prefix(3) { mark = mark << 8 | UInt64(byte) }
        for byte in name.suffix(4) { mark = mark << 8 | UInt64(byte) }
        return mark
    }

    /// A short text under a name, safe to keep; `nil` when there is none or it is empty.
    ///
    /// Whole numbers are taken too, since some exporters send identities as numbers.
    func text(_ name: StaticString) -> String? {
        switch self[name] {
        case .text(let utf8): BoundedText.string(utf8)
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// The first of several names that holds a text.
    func text(firstOf names: StaticString...) -> String? {
        for name in names {
            if let text = text(name) { return text }
        }
        return nil
    }
}
