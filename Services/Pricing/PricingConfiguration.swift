import ArgumentParser
import Foundation
import Pipeline
import PriceSheets
import Rating
import Settings

/// What an operator may set; a flag wins over its `TOLLBOOK_*` variable.
struct PricingConfiguration: ParsableArguments {
    @Option(help: "Where dedupe hands calls out (TOLLBOOK_CALLS).")
    var calls = Environment.text("TOLLBOOK_CALLS") ?? "tcp://127.0.0.1:7111"

    @Option(help: "Where query takes charges in (TOLLBOOK_CHARGES).")
    var charges = Environment.text("TOLLBOOK_CHARGES") ?? "tcp://127.0.0.1:7121"

    @Option(help: "A folder of price sheets to use instead of the built-in ones (TOLLBOOK_PRICES).")
    var prices: String?

    @Option(
        help: "A folder of price sheets that go before all others, such as contracts (TOLLBOOK_PRICE_OVERRIDES).")
    var priceOverrides: String?

    @Option(help: "The host on which /livez, /readyz and /metrics are served (TOLLBOOK_PRICING_ADMIN_HOST).")
    var adminHost = Environment.text("TOLLBOOK_PRICING_ADMIN_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 turns it off (TOLLBOOK_PRICING_ADMIN_PORT).")
    var adminPort = Environment.value("TOLLBOOK_PRICING_ADMIN_PORT", default: 7141)

    @Flag(help: "Listen beyond this machine without authentication (TOLLBOOK_INSECURE_ALLOW).")
    var insecureAllow = Environment.value("TOLLBOOK_INSECURE_ALLOW", default: false)

    func validate() throws {
        try Environment.validate()
    }

    /// The relay between dedupe and query.
    func relay() throws -> Relay<ChargeTransform>.Settings {
        Relay.Settings(source: try Link(.connect, calls), destination: try Link(.connect, charges))
    }

    /// Where operators ask; `nil` when nobody may.
    func adminAddress() throws -> ListenAddress? {
        guard adminPort != 0 else { return nil }
        return try ListenAddress(host: adminHost, port: adminPort, isInsecureAllowed: insecureAllow)
    }

    /// The sheets in layers: built-in or given, then overrides.
    func priceBook() throws -> PriceBook {
        let given = prices ?? Environment.text("TOLLBOOK_PRICES")
        let stronger = priceOverrides ?? Environment.text("TOLLBOOK_PRICE_OVERRIDES")
        return PriceBook(layers: [
            try given.map { try PriceSheets.sheets(in: URL(filePath: $0)) } ?? PriceSheets.embedded(),
            try stronger.map { try PriceSheets.sheets(in: URL(filePath: $0)) } ?? [],
        ])
    }
}
