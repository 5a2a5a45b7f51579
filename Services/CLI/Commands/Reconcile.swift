import ArgumentParser
import Console
import LocalHTTP
import Wire

struct Reconcile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what each channel of a session said, and what of it was counted; without a session, all of them.")

    @Argument(help: "A session's id.")
    var session: String?

    @Option(help: "The most sessions to list, newest first.")
    var limit = 50

    @Flag(name: .shortAndLong, help: "Print the service's answer as it is.")
    var json = false

    @OptionGroup var server: ServerOption

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000, not \(limit)") }
    }

    func run() throws {
        var client = try server.connect()
        var parameters = [("limit", String(limit))]
        if let session { parameters.append(("session", session)) }
        let response = try client.get("/v1/reconciliation" + QueryString.encode(parameters))
        if json {
            Terminal.write(response.body + [0x0A])
            return
        }
        let page = try ReconciliationPage(json: response.body)
        guard !page.records.isEmpty else {
            // A session is told of some seconds after its last change.
            Terminal.write(
                session.map { "Nothing was reconciled of a session \($0) so far.\n" }
                    ?? "No session was reconciled so far.\n")
            return
        }
        let isColoured = Terminal.usesColour
        Terminal.write(session == nil ? page.overview(isColoured: isColoured) : page.text(isColoured: isColoured))
    }
}
