public import Access
public import ArgumentParser
public import Settings

/// The flags of every service that say who may reach it; a flag wins over its `TOLLBOOK_*` variable.
public struct ProtectionOptions: ParsableArguments {
    @Option(help: "The file with the keys that open HTTP; see tollbook keys (TOLLBOOK_KEYS).")
    private var keys = Environment.text("TOLLBOOK_KEYS") ?? ""

    /// The folder with the CURVE keys of the bus; empty for none.
    @Option(help: "The folder with the CURVE keys of the bus; see tollbook keys curve (TOLLBOOK_CURVE).")
    public private(set) var curve = Environment.text("TOLLBOOK_CURVE") ?? ""

    /// Whether the service may listen beyond this machine without authentication.
    @Flag(
        name: .customLong("insecure-allow"),
        help: "Listen beyond this machine without authentication (TOLLBOOK_INSECURE_ALLOW).")
    public private(set) var isInsecureAllowed = Environment.value("TOLLBOOK_INSECURE_ALLOW", default: false)

    /// Makes the options of a service that was given none.
    public init() {}

    /// The keys in force; `nil` where none are asked for.
    public func keyRing() throws -> KeyRing? {
        keys.isEmpty ? nil : try KeyRing(KeyFile(path: keys))
    }

    /// Where HTTP is served; refused where others could reach it without a key, unless that is allowed.
    public func address(host: String, port: Int) throws -> ListenAddress {
        try ListenAddress(host: host, port: port, isProtected: !keys.isEmpty, isInsecureAllowed: isInsecureAllowed)
    }
}
