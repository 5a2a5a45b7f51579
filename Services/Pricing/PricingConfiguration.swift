import Access
import ArgumentParser
import Pipeline
import PriceSheets
import Settings

/// What an operator may set; a flag wins over its `TOLLBOOK_*` variable.
struct PricingConfiguration: ParsableArguments {
    @Option(help: "Where dedupe hands calls out (TOLLBOOK_CALLS).")
    var calls = Environment.text("TOLLBOOK_CALLS") ?? "tcp://127.0.0.1:7111"

    @Option(help: "Where query takes charges in (TOLLBOOK_CHARGES).")
    var charges = Environment.text("TOLLBOOK_CHARGES") ?? "tcp://127.0.0.1:7121"

    @Option(help: "The folder with one folder for each service (TOLLBOOK_DATA); only price sheets are read from it.")
    var data = DataDirectory.root

    @Option(help: "A folder of price sheets to use instead of the built-in ones (TOLLBOOK_PRICES).")
    var prices: String?

    @Option(
        help: """
            A folder of price sheets that go before all others, such as contracts (TOLLBOOK_PRICE_OVERRIDES); \
            by default pricing/prices.d in the data folder.
            """)
    var priceOverrides: String?

    @Option(help: "The host on which /livez, /readyz and /metrics are served (TOLLBOOK_PRICING_ADMIN_HOST).")
    var adminHost = Environment.text("TOLLBOOK_PRICING_ADMIN_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 turns it off (TOLLBOOK_PRICING_ADMIN_PORT).")
    var adminPort = Environment.value("TOLLBOOK_PRICING_ADMIN_PORT", default: 7141)

    @Option(help: "The file with the keys that open HTTP; see tollbook keys (TOLLBOOK_KEYS).")
    var keys = Environment.text("TOLLBOOK_KEYS") ?? ""

    @Option(help: "The folder with the CURVE keys of the bus; see tollbook keys curve (TOLLBOOK_CURVE).")
    var curve = Environment.text("TOLLBOOK_CURVE") ?? ""

    @Flag(help: "Listen beyond this machine without authentication (TOLLBOOK_INSECURE_ALLOW).")
    var insecureAllow = Environment.value("TOLLBOOK_INSECURE_ALLOW", default: false)

    /// The keys in force; `nil` where none are asked for.
    func keyRing() throws -> KeyRing? {
        keys.isEmpty ? nil : try KeyRing(KeyFile(path: keys))
    }

    func validate() throws {
        try Environment.validate()
    }

    /// The relay between dedupe and query.
    func relay() throws -> Relay<ChargeTransform>.Settings {
        let bus = try BusLinks(folder: curve, name: "pricing", isInsecureAllowed: insecureAllow)
        return Relay.Settings(
            source: try bus.connect(calls, to: "dedupe"), destination: try bus.connect(charges, to: "query"))
    }

    /// Where operators ask; `nil` when nobody may.
    func adminAddress() throws -> ListenAddress? {
        guard adminPort != 0 else { return nil }
        return try ListenAddress(
            host: adminHost, port: adminPort, isProtected: !keys.isEmpty, isInsecureAllowed: insecureAllow)
    }

    /// Where prices are read from.
    var folders: PriceFolders { PriceFolders(prices: prices, overrides: priceOverrides, data: data) }
}
