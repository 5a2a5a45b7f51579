import ArgumentParser
import Console
import LocalHTTP
import Metering

struct Drift: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare reported with computed cost, by day and model.",
        discussion: """
            Where the two differ a price sheet is old, a contract is missing from prices.d, or a source reports wrongly. \
            Figures by charge compare each call with itself; figures by session compare what a session's aggregates \
            reported with what its calls cost by the sheets.
            """)

    @Flag(name: .shortAndLong, help: "Print the service's answer as it is.")
    var json = false

    @Option(name: .shortAndLong, help: "The first day, YYYYMMDD or YYYY-MM-DD.")
    var since: CivilDay?

    @Option(name: .shortAndLong, help: "The last day, counted in.")
    var until: CivilDay?

    @Option(name: [.customShort("z"), .long], help: "The IANA time zone that days are cut in.")
    var timezone: String?

    @Option(help: "Only this model, as reports name it.")
    var model: String?

    @OptionGroup var server: ServerOption

    func run() throws {
        let optional: [(name: String, value: String?)] = [
            ("since", since?.description), ("until", until?.description), ("timezone", timezone), ("model", model),
        ]
        let parameters = optional.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
        var client = try server.connect()
        let response = try client.get("/v1/drift" + QueryString.encode(parameters))
        if json {
            Terminal.write(response.body + [0x0A])
            return
        }
        guard let text = try DriftPage(json: response.body).text(isColoured: Terminal.usesColour) else {
            return Terminal.report("No reported cost can be compared.")
        }
        Terminal.write(text)
    }
}
