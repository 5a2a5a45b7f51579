import ArgumentParser
import Foundation
import Operations
import Pipeline
import Reporting
import Settings

/// What an operator may set; a flag wins over its `TOLLBOOK_*` variable.
struct QueryConfiguration: ParsableArguments {
    @Option(help: "The folder with one folder for each service (TOLLBOOK_DATA).")
    var data = DataDirectory.root

    @Option(help: "The host on which HTTP is served (TOLLBOOK_QUERY_HOST).")
    var host = Environment.text("TOLLBOOK_QUERY_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 takes any free one (TOLLBOOK_QUERY_PORT).")
    var port = Environment.value("TOLLBOOK_QUERY_PORT", default: 7100)

    @Option(
        help:
            "Host names, beside this machine's own, by which HTTP may be asked; divided by commas (TOLLBOOK_ALLOWED_HOSTS)."
    )
    var allowedHosts = Environment.text("TOLLBOOK_ALLOWED_HOSTS") ?? ""

    @Option(help: "Where charges arrive (TOLLBOOK_CHARGES).")
    var charges = Environment.text("TOLLBOOK_CHARGES") ?? "tcp://127.0.0.1:7121"

    @Option(help: "Where senders learn what is stored (TOLLBOOK_CHARGE_WATERMARKS).")
    var chargeWatermarks = Environment.text("TOLLBOOK_CHARGE_WATERMARKS") ?? "tcp://127.0.0.1:7122"

    @Option(help: "Where changes are published (TOLLBOOK_FEED).")
    var feed = Environment.text("TOLLBOOK_FEED") ?? "tcp://127.0.0.1:7130"

    @Option(help: "The time zone of reports that name none, such as Europe/Berlin (TOLLBOOK_TIMEZONE).")
    var timezone = Environment.text("TOLLBOOK_TIMEZONE") ?? "UTC"

    @Option(
        help:
            "Days for which texts of charges are kept, such as 400 or 400,TENANT=90; 0 for ever (TOLLBOOK_RETENTION_DAYS)."
    )
    var retentionDays = Environment.text("TOLLBOOK_RETENTION_DAYS") ?? "0"

    @Option(help: "A file of budgets (TOLLBOOK_BUDGETS).")
    var budgets = Environment.text("TOLLBOOK_BUDGETS") ?? ""

    @Option(
        help: "Where crossings of budgets are told, in Slack's form: an address, or a file with it (TOLLBOOK_WEBHOOK).")
    var webhook = Environment.text("TOLLBOOK_WEBHOOK") ?? ""

    @OptionGroup var protection: ProtectionOptions

    func validate() throws {
        try Environment.validate()
        guard TimeZones.offsets(of: timezone) != nil else {
            throw SettingsError(
                "--timezone \(timezone) is not an IANA time zone; give one such as Europe/Berlin or UTC")
        }
        do throws(RetentionPolicyError) {
            _ = try RetentionPolicy(retentionDays)
        } catch {
            throw SettingsError("--retention-days: \(error)")
        }
        _ = try webhookAddress()
    }

    /// How long the texts of charges are kept.
    func retention() throws -> RetentionPolicy { try RetentionPolicy(retentionDays) }

    /// The ledger's folder; it is made if it is not there.
    func ledgerFolder() throws -> String {
        try DataDirectory.make(data + "/query")
    }

    /// What is kept of budgets, beside the ledger.
    func budgetBook(zone: ZoneOffsets) throws -> BudgetBook {
        let path = try ledgerFolder() + "/budgets.sqlite"
        return try BudgetBook(
            store: try BudgetStore(path: path), file: budgets.isEmpty ? nil : BudgetFile(path: budgets),
            webhook: try webhookAddress(), zone: zone)
    }

    /// Where crossings of budgets are told; such an address is a secret, so it may lie in a file of its own.
    func webhookAddress() throws(SettingsError) -> String? {
        guard !webhook.isEmpty else { return nil }
        var address = webhook
        if webhook.hasPrefix("/") {
            guard let text = try? String(contentsOfFile: webhook, encoding: .utf8) else {
                throw SettingsError("the file \(webhook) with the webhook's address cannot be read")
            }
            guard SecretFile.isExposed(webhook) == false else {
                throw SettingsError("others may read the webhook's address in \(webhook); close it with chmod 600")
            }
            address = String(text.prefix { !$0.isWhitespace })
        }
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
            throw SettingsError("--webhook must be an http or https address, or the path of a file that holds one")
        }
        return address
    }

    /// Where HTTP is served; refused where others could reach it, unless allowed.
    func address() throws -> ListenAddress {
        try protection.address(host: host, port: port)
    }

    /// The names by which HTTP may be asked.
    var hosts: AllowedHosts {
        AllowedHosts(extra: allowedHosts.split(separator: ",").map { String($0) } + [host])
    }

    /// Sockets of the stage; a bound socket that others could reach is refused unless allowed.
    func stage() throws -> LedgerStage.Settings {
        let bus = try links()
        return LedgerStage.Settings(
            inlet: Inlet.Settings(batches: try bus.bind(charges), watermarks: try bus.bind(chargeWatermarks)),
            feed: try bus.bindFeed(feed))
    }

    private func links() throws -> BusLinks {
        try BusLinks(folder: protection.curve, name: "query", isInsecureAllowed: protection.isInsecureAllowed)
    }
}
