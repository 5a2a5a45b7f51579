/// Model names as tables show them.
public enum ModelText {
    /// The name without the date at its end: `claude-sonnet-4` for `claude-sonnet-4-20250514`.
    public static func short(_ name: String) -> String {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex else { return name }
        let date = name[name.index(after: dash)...]
        guard date.utf8.count == 8, date.hasPrefix("20"), date.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return name
        }
        return String(name[..<dash])
    }

    /// The short names as a list, one a line.
    static func list(_ names: [String]) -> String {
        Set(names.map { "- " + short($0) }).sorted().joined(separator: "\n")
    }
}
