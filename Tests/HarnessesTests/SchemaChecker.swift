import Foundation

/// Checks documents against a JSON Schema: the keywords that ours uses, and a failure for any other.
struct SchemaChecker {
    private let root: [String: Any]

    private struct UnknownKeyword: Error {
        let name: String
    }

    init(_ text: String) throws {
        root = try Self.object(text) as? [String: Any] ?? [:]
    }

    private static func object(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    /// The names of all members, `tokens.output` for one inside another.
    var members: Set<String> {
        get throws { Set(Self.members(in: root, "")) }
    }

    private static func members(in schema: [String: Any], _ prefix: String) -> [String] {
        guard let properties = schema["properties"] as? [String: Any] else { return [] }
        return properties.flatMap { name, schema in
            [prefix + name] + members(in: schema as? [String: Any] ?? [:], prefix + name + ".")
        }
    }

    static func members(of document: String) throws -> [String] {
        func names(_ value: Any, _ prefix: String) -> [String] {
            guard let object = value as? [String: Any] else { return [] }
            return object.flatMap { name, member in [prefix + name] + names(member, prefix + name + ".") }
        }
        return names(try object(document), "")
    }

    /// Whether a document keeps to the schema.
    func accepts(_ document: String) throws -> Bool {
        try accepts(try Self.object(document), root)
    }

    private func accepts(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        for (keyword, rule) in schema where try !accepts(value, keyword, rule, schema) { return false }
        return true
    }

    private func accepts(_ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any]) throws -> Bool {
        switch keyword {
        case "$schema", "$id", "$defs", "title", "description", "format": return true
        case "$ref":
            let name = String((rule as? String ?? "").split(separator: "/").last ?? "")
            let definitions = root["$defs"] as? [String: [String: Any]]
            return try accepts(value, definitions?[name] ?? ["unknown": name])
        case "type":
            let names = rule as? [String] ?? [rule as? String ?? ""]
            return names.contains { Self.isType($0, value) }
        case "properties":
            guard let object = value as? [String: Any], let properties = rule as? [String: [String: Any]] else {
                return true
            }
            return try properties.allSatisfy { name, schema in
                try object[name].map { try accepts($0, schema) } ?? true
            }
        case "additionalProperties":
            guard let object = value as? [String: Any] else { return true }
            return Set(object.keys).isSubset(of: (schema["properties"] as? [String: Any] ?? [:]).keys)
        case "required":
            guard let object = value as? [String: Any] else { return true }
            return (rule as? [String] ?? []).allSatisfy { object[$0] != nil }
        case "items":
            return try (value as? [Any])?.allSatisfy { try accepts($0, rule as? [String: Any] ?? [:]) } ?? true
        case "maxItems": return (value as? [Any]).map { $0.count <= Self.number(rule) } ?? true
        case "minItems": return (value as? [Any]).map { $0.count >= Self.number(rule) } ?? true
        case "minProperties": return (value as? [String: Any]).map { $0.count >= Self.number(rule) } ?? true
        case "minimum": return (value as? NSNumber).map { $0.doubleValue >= Double(Self.number(rule)) } ?? true
        case "maximum": return (value as? NSNumber).map { $0.doubleValue <= Double(Self.number(rule)) } ?? true
        case "pattern":
            guard let text = value as? String else { return true }
            return try text.firstMatch(of: Regex(rule as? String ?? "")) != nil
        case "allOf": return try (rule as? [[String: Any]] ?? []).allSatisfy { try accepts(value, $0) }
        case "anyOf": return try (rule as? [[String: Any]] ?? []).contains { try accepts(value, $0) }
        default: throw UnknownKeyword(name: keyword)
        }
    }

    private static func number(_ rule: Any) -> Int { (rule as? NSNumber)?.intValue ?? 0 }

    private static func isType(_ name: String, _ value: Any) -> Bool {
        switch name {
        case "null": return value is NSNull
        case "string": return value is String
        case "array": return value is [Any]
        case "object": return value is [String: Any]
        case "integer":
            guard !isBoolean(value), let number = value as? NSNumber else { return false }
            return number.doubleValue == number.doubleValue.rounded()
        default: return false
        }
    }

    private static func isBoolean(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return false }
        return String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
}
