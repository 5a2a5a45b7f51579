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
        var text = PrettyText()
        text.write(self, depth: 0)
        text.bytes.append(UInt8(ascii: "\n"))
        return String(decoding: text.bytes, as: UTF8.self)
    }
}

/// A document as text over several lines while it is written; reports of years have megabytes.
private struct PrettyText {
    var bytes: [UInt8] = []

    mutating func write(_ document: JSONDocument, depth: Int) {
        switch document {
        case .object(let members):
            list(members, "{", "}", depth) { text, member in
                text.quote(member.name)
                text.bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
                text.write(member.value, depth: depth + 1)
            }
        case .array(let elements):
            list(elements, "[", "]", depth) { text, element in text.write(element, depth: depth + 1) }
        case .string(let string): quote(string)
        case .number(let number): bytes.append(contentsOf: number.utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ depth: Int,
        _ write: (inout PrettyText, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(depth + 1)
            write(&self, element)
        }
        if !elements.isEmpty { breakLine(depth) }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func breakLine(_ depth: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func quote(_ string: String) {
        guard string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
            var json = JSONWriter(capacity: string.utf8.count + 16)
            json.string(string)
            bytes.append(contentsOf: json.bytes)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: string.utf8)
        bytes.append(UInt8(ascii: "\""))
    }
}
