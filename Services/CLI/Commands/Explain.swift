import ArgumentParser
import Console
import LocalHTTP
import Wire

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one call: its figures, its price, and every observation behind it.")

    @Argument(help: "A call's key, or a request, message or response id as a log or transcript shows it.")
    var call: String

    @Flag(name: .shortAndLong, help: "Print the service's answer as it is.")
    var json = false

    @OptionGroup var server: ServerOption

    func run() throws {
        var client = try server.connect()
        var found: HTTPResponse?
        for key in CallNames.keys(for: call) where found == nil {
            found = try client.find("/v1/calls/" + QueryString.escape(key))
        }
        guard let response = found else { throw Failure("there is no call \(call) in the ledger") }
        if json {
            Terminal.write(response.body + [0x0A])
            return
        }
        let explanation = try CallExplanation(json: response.body)
        Terminal.write(explanation.text(isColoured: Terminal.usesColour))
    }
}
