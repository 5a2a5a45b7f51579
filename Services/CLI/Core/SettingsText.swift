import Wire

/// The settings in a file, as a flat list: `otel.exporter.otlp-http.endpoint` for what is nested.
///
/// Only texts, numbers and truth values are of interest; what cannot be read is left out, for the file is another
/// program's.
public enum SettingsText {
    /// Reads JSON.
    public static func json(_ text: [UInt8]) -> [String: String] {
        var settings: [String: String] = [:]
        var json = JSONReader(text)
        try? read(&json, prefix: "", into: &settings)
        return settings
    }

    /// Reads TOML, as far as settings go: tables, keys, texts, truth values, numbers and inline tables.
    public static func toml(_ text: String) -> [String: String] {
        var settings: [String: String] = [:]
        var table = ""
        for line in text.split(separator: "\n") {
            let line = trimmed(line)
            if line.hasPrefix("[") {
                table = line.drop { $0 == "[" }.prefix { $0 != "]" }.filter { $0 != "\"" && $0 != " " }
            } else if let equals = line.firstIndex(of: "="), !line.hasPrefix("#") {
                let key = joined(table, name(line[..<equals]))
                var rest = line[line.index(after: equals)...]
                value(&rest, key, into: &settings)
            }
        }
        return settings
    }

    private static func read(
        _ json: inout JSONReader, prefix: String, into settings: inout [String: String]
    ) throws(JSONError) {
        switch try json.kind() {
        case .object:
            try json.object { key, json throws(JSONError) in
                try read(&json, prefix: joined(prefix, key.string), into: &settings)
            }
        case .string: settings[prefix] = try json.string()
        case .bool: settings[prefix] = try json.bool() ? "true" : "false"
        case .number: settings[prefix] = String(decoding: try json.numberText(), as: UTF8.self)
        case .array, .null: try json.skip()
        }
    }

    private static func value(_ rest: inout Substring, _ key: String, into settings: inout [String: String]) {
        rest = rest.drop { $0 == " " || $0 == "\t" }
        switch rest.first {
        case "{":
            rest.removeFirst()
            while let first = rest.drop(while: { " \t,".contains($0) }).first, first != "}" {
                rest = rest.drop { " \t,".contains($0) }
                guard let equals = rest.firstIndex(of: "=") else { return }
                let inner = joined(key, name(rest[..<equals]))
                rest = rest[rest.index(after: equals)...]
                value(&rest, inner, into: &settings)
            }
            rest = rest.drop { " \t".contains($0) }.dropFirst()
        case .some(let quote) where quote == "\"" || quote == "'":
            rest.removeFirst()
            settings[key] = String(rest.prefix { $0 != quote })
            rest = rest.drop { $0 != quote }.dropFirst()
        default:
            let word = rest.prefix { !" \t,}#".contains($0) }
            if !word.isEmpty { settings[key] = String(word) }
            rest = rest[word.endIndex...]
        }
    }

    private static func name(_ text: Substring) -> String { text.filter { !"\"' \t".contains($0) } }

    private static func joined(_ prefix: String, _ name: String) -> String {
        prefix.isEmpty ? name : prefix + "." + name
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line.drop { $0 == " " || $0 == "\t" }
        while let last = line.last, last == " " || last == "\t" || last == "\r" { line.removeLast() }
        return line
    }
}
