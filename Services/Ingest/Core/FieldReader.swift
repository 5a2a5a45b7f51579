import Wire

/// Reads the members of a JSON text that a dialect names; everything else, all content among it, is passed over.
///
/// Members are named by path, such as `message.usage.input`. What is read looks like the attributes of a telemetry record,
/// with paths for names, so that counts, costs and texts are taken from either in the same way.
struct FieldReader: Sendable {
    private let root: Node

    /// Names members.
    ///
    /// - Parameters:
    ///   - fields: paths of scalars.
    ///   - containers: paths of lists and objects whose elements are records of their own; empty for the text itself.
    init(_ fields: [String], each containers: [String] = []) {
        var root = Node()
        for path in fields { root.insert(path, isContainer: false) }
        for path in containers { root.insert(path, isContainer: true) }
        self.root = root
    }

    /// What was read of a text.
    struct Record {
        /// The scalars, by path.
        var fields = Attributes()
        /// The elements of lists and objects, in order.
        var elements: [Element] = []
    }

    /// An element of a list, or a member of an object.
    struct Element {
        /// The path of the list or object.
        let container: String
        /// The member's name; empty for an element of a list.
        let name: String
        /// Where in the text the element stands.
        let range: Range<Int>
    }

    /// Reads a whole text.
    func read(_ text: [UInt8]) throws(JSONError) -> Record {
        try read(text, in: 0..<text.count)
    }

    /// Reads a part of a text: an element of another record.
    func read(_ text: [UInt8], in range: Range<Int>) throws(JSONError) -> Record {
        var json = JSONReader(text, in: range)
        var record = Record()
        try Self.read(root, &json, into: &record)
        try json.finish()
        return record
    }

    private static func read(
        _ node: Node, _ json: inout JSONReader, into record: inout Record
    ) throws(JSONError) {
        let kind = try json.kind()
        if node.isContainer, kind == .array {
            return try json.array { json throws(JSONError) in
                record.elements.append(Element(container: node.path, name: "", range: try json.raw()))
            }
        }
        guard kind == .object else { return try readScalar(node, &json, into: &record) }
        try json.object { key, json throws(JSONError) in
            if let child = node.children[key.string] {
                try read(child, &json, into: &record)
            } else if node.isContainer {
                let name = key.string
                record.elements.append(Element(container: node.path, name: name, range: try json.raw()))
            } else {
                try json.skip()
            }
        }
    }

    private static func readScalar(
        _ node: Node, _ json: inout JSONReader, into record: inout Record
    ) throws(JSONError) {
        guard node.isField else { return try json.skip() }
        let value = try json.scalar()
        // Null says as little as a member that is not there.
        if case .empty = value { return }
        record.fields.append(Attribute(key: node.path.utf8Slice, value: value))
    }

    private struct Node: Sendable {
        var path = ""
        var isField = false
        var isContainer = false
        var children: [String: Node] = [:]

        mutating func insert(_ path: String, isContainer: Bool) {
            insert(path.split(separator: ".")[...], whole: path, isContainer)
        }

        private mutating func insert(_ parts: ArraySlice<Substring>, whole: String, _ isContainer: Bool) {
            guard let first = parts.first else {
                path = whole
                if isContainer { self.isContainer = true } else { isField = true }
                return
            }
            children[String(first), default: Node()].insert(parts.dropFirst(), whole: whole, isContainer)
        }
    }
}

extension String {
    fileprivate var utf8Slice: ArraySlice<UInt8> { ArraySlice(utf8) }
}
