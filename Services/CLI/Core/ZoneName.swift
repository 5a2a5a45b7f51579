/// The IANA name of this machine's time zone, as far as it has one.
public enum ZoneName {
    /// The name from the `TZ` variable, else from where `/etc/localtime` points to; `nil` when neither gives a name.
    public static func local(variable: String?, localtimeTarget: String?) -> String? {
        // A colon before a name says that it is one.
        let named = variable.map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }
        if let named, let name = name(inPath: named) ?? plainName(named) { return name }
        return localtimeTarget.flatMap(name(inPath:))
    }

    private static func name(inPath path: String) -> String? {
        let folder = "/zoneinfo/"
        guard let range = path.firstRange(of: folder) else { return nil }
        return plainName(String(path[range.upperBound...]))
    }

    /// `TZ` may also hold a rule such as `CET-1CEST`, which names no zone.
    private static func plainName(_ text: String) -> String? {
        guard text == "UTC" || text.contains("/"), !text.hasPrefix("/"), !text.hasPrefix(":") else { return nil }
        return text.contains(",") ? nil : text
    }
}
