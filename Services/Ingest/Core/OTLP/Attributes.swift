/// The attributes of a resource, a record, a span or a metric point.
///
/// Readers ask for attributes by name: what nobody asks for never leaves the request's body.
struct Attributes: Hashable, Sendable {
    /// The most attributes and nested values of one record; a record with more is not read.
    static let maximumValues = 4096

    private(set) var list: [Attribute] = []

    /// Makes a set of attributes.
    init(_ list: [Attribute] = []) {
        self.list = list
    }

    mutating func append(_ attribute: Attribute) {
        list.append(attribute)
    }

    /// The first value under a name; `nil` when there is none or it is unset.
    subscript(name: StaticString) -> AttributeValue? {
        for attribute in list where attribute.key.equals(name) {
            if case .empty = attribute.value { return nil }
            return attribute.value
        }
        return nil
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
