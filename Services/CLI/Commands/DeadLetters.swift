import ArgumentParser
import Console
import LocalHTTP
import Metering
import Settings

struct DeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what came and could not be used, and read it again.",
        discussion: """
            A dead letter says why, from whom and when, and nothing of what it was about. So reading again means reading \
            the source again, with the readers of this release: --replay looks through session files for the lines that \
            were refused. What telemetry sent, only its sender has.
            """)

    @Option(help: "Where dedupe answers operators.")
    var dedupe = Environment.value("TOLLBOOK_DEDUPE_ADMIN", default: HTTPAddress(port: 7140))

    @Option(help: "Only those of a reason, such as malformed_line.")
    var reason: String?

    @Flag(name: .shortAndLong, help: "Print JSON, with the last 1,000 single letters.")
    var json = false

    @Flag(help: "Read the session files again in which lines were refused.")
    var replay = false

    @Argument(help: "With --replay: files or folders to look through; by default those of all known agents.")
    var paths: [String] = []

    @Option(help: "Where ingest takes telemetry.")
    var ingest = Environment.value("TOLLBOOK_INGEST", default: HTTPAddress(port: 4318))

    func run() throws {
        try Environment.validate()
        guard !replay else { return try readAgain() }
        let answer = try get(limit: json ? 1_000 : 0)
        if json {
            Terminal.write(answer + [0x0A])
        } else {
            Terminal.write(try DeadLetterList(json: answer).text(isColoured: Terminal.usesColour, reason: reason))
        }
    }

    private func readAgain() throws {
        let letters = try DeadLetterList(json: get(limit: 100_000, channel: .transcript)).letters
        let wanted = RefusedLines(letters.filter { $0.stage == "ingest" })
        guard wanted.count > 0 else {
            Terminal.report("no line of a session file was refused; there is nothing to read again")
            return
        }
        let search = try SessionFileSearch(harness: nil)
        for path in paths { try search.add(path) }
        if paths.isEmpty { search.addStandardFolders() }
        var job = ImportJob(address: ingest, files: search.files, lookingFor: wanted)
        for file in search.files { try job.read(file) }
        try job.finish()
        Terminal.report(job.wanted.summary)
    }

    private func get(limit: Int, channel: Channel? = nil) throws -> [UInt8] {
        var parameters = [(name: "limit", value: "\(limit)")]
        if let reason { parameters.append((name: "reason", value: reason)) }
        if let channel { parameters.append((name: "channel", value: channel.rawValue)) }
        var client = QueryClient(address: dedupe)
        return try client.get("/v1/dead-letters" + QueryString.encode(parameters)).body
    }
}
