import ArgumentParser
import Operations
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

    @OptionGroup var protection: ProtectionOptions

    func validate() throws {
        try Environment.validate()
    }

    /// The relay between dedupe and query.
    func relay() throws -> Relay<ChargeTransform>.Settings {
        let bus = try BusLinks(
            folder: protection.curve, name: "pricing", isInsecureAllowed: protection.isInsecureAllowed)
        return Relay.Settings(
            source: try bus.connect(calls, to: "dedupe"), destination: try bus.connect(charges, to: "query"))
    }

    /// Where operators ask; `nil` when nobody may.
    func adminAddress() throws -> ListenAddress? {
        adminPort == 0 ? nil : try protection.address(host: adminHost, port: adminPort)
    }

    /// Where prices are read from.
    var folders: PriceFolders { PriceFolders(prices: prices, overrides: priceOverrides, data: data) }
}
