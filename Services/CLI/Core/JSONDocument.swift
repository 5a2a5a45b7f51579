import Wire

/// A JSON value that is printed for people and scripts: members keep their order, two spaces per level.
public indirect enum JSONDocument: Hashable, Sendable {
    /// Members in order.
    case object([Member])
    /// Elements.
    case array([JSONDocument])
    /// Text.
    case string(String)
    /// A number as its exact decimal text.
    case number(String)
    /// A truth value.
    case bool(Bool)
    /// No value.
    case null

    /// A named value of an object.
    public struct Member: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value.
        public let value: JSONDocument

        /// Makes a member.
        public init(_ name: String, _ value: JSONDocument) {
            self.name = name
            self.value = value
        }
    }

    /// A whole number.
    public static func integer(_ value: Int64) -> JSONDocument { .number(String(value)) }

    /// An array of strings.
    public static func strings(_ values: [String]) -> JSONDocument { .array(values.map(JSONDocument.string)) }

    /// The text over several lines, with a line break at its end.
    public var prettyText: String {
        var text = ""
        write(to: &text, indent: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indent: Int) {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .object(let members) where members.isEmpty: text += "{}"
        case .object(let members):
            text += "{\n"
            for (index, member) in members.enumerated() {
                text += inner + Self.quoted(member.name) + ": "
                member.value.write(to: &text, indent: indent + 1)
                text += index == members.count - 1 ? "\n" : ",\n"
            }
            text += outer + "}"
        case .array(let elements) where elements.isEmpty: text += "[]"
        case .array(let elements):
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                element.write(to: &text, indent: indent + 1)
                text += index == elements.count - 1 ? "\n" : ",\n"
            }
            text += outer + "]"
        case .string(let string): text += Self.quoted(string)
        case .number(let number): text += number
        case .bool(let value): text += value ? "true" : "false"
        case .null: text += "null"
        }
    }

    private static func quoted(_ string: String) -> String {
        var json = JSONWriter(capacity: string.utf8.count + 2)
        json.string(string)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
