public import Wire

extension JSONDocument {
    /// Reads a document whole.
    public init(json text: [UInt8]) throws(JSONError) {
        var reader = JSONReader(text)
        self = try reader.document()
        try reader.finish()
    }

    /// A member of an object; `nil` for other values and where there is none.
    public subscript(name: String) -> JSONDocument? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The members of an object; none for other values.
    public var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The text of a string; `nil` for other values.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The decimal text of a number; `nil` for other values.
    public var decimal: String? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}

extension JSONReader {
    fileprivate mutating func document() throws(JSONError) -> JSONDocument {
        switch try kind() {
        case .object:
            var members: [JSONDocument.Member] = []
            try object { key, json throws(JSONError) in
                members.append(JSONDocument.Member(key.string, try json.document()))
            }
            return .object(members)
        case .array:
            var elements: [JSONDocument] = []
            try array { json throws(JSONError) in elements.append(try json.document()) }
            return .array(elements)
        case .string: return .string(try string())
        case .number: return .number(String(decoding: try numberText(), as: UTF8.self))
        case .bool: return .bool(try bool())
        case .null:
            _ = try null()
            return .null
        }
    }
}
