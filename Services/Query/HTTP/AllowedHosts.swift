/// The host names by which the service may be asked.
///
/// A page of a stranger that rebinds its own name to this machine is refused: its name stands in the `Host` header.
struct AllowedHosts: Sendable {
    private let names: Set<String>

    /// Allows this machine's own names and some more.
    init(extra: [String] = []) {
        names = Set(["localhost", "127.0.0.1", "[::1]"] + extra.map { $0.lowercased() })
    }

    /// Whether an authority, such as `127.0.0.1:7100`, is allowed; none at all is.
    func admits(_ authority: String?) -> Bool {
        guard let authority, !authority.isEmpty else { return true }
        return names.contains(Self.host(of: authority.lowercased()))
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return authority.split(separator: ":", maxSplits: 1).first.map { String($0) } ?? ""
    }
}
