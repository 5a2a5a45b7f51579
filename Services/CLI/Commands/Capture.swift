import ArgumentParser
import FoundationEssentials
import Glibc
import Harnesses
import LocalHTTP
import Metering
import Settings
import Supervision
import WallClock

struct Capture: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count what an agent's command reports about itself, and change nothing about it.",
        usage: """
            tollbook capture [--harness NAME] -- claude -p "..." --output-format json
                   ... | tollbook capture --harness NAME
            """,
        discussion: """
            The command keeps its input, its output, its error output, its signals and its exit status. Only usage is \
            read of what it prints. If ingest is away, the usage is kept in the data folder and sent with a later run; \
            the command never fails because of Tollbook.
            """)

    @Option(help: "The agent; told by the command's name where it is not given.")
    var harness: String?

    @Option(help: "Where ingest takes telemetry.")
    var ingest = Environment.value("TOLLBOOK_INGEST", default: HTTPAddress(port: 4318))

    @Option(help: "The folder for all data; what cannot be sent is kept in a folder in it.")
    var data = DataDirectory.root

    @Flag(name: .shortAndLong, help: "Say nothing on standard error.")
    var quiet = false

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func run() throws {
        guard !command.isEmpty || isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("give a command after --, or pipe its output in and name the agent with --harness")
        }
        guard !command.isEmpty || harness != nil else {
            throw ValidationError("name the agent whose output is piped in, with --harness")
        }
        let agent = HarnessCatalog.standard.agent(runBy: command)
        let name = harness.flatMap { Harness(normalising: $0) } ?? agent?.harness
        let invocation = Invocation(
            run: UUID().uuidString.lowercased(), parentSession: agent?.parentSession, startTime: .now)
        var usage = UsageOfOutput(of: name, invocation)
        let end = command.isEmpty ? passInput(&usage) : runCommand(&usage)
        usage.finish()
        report(usage.result, of: name)
        PassedThrough.end(as: end)
    }

    private func runCommand(_ usage: inout UsageOfOutput) -> ChildProcess.Exit {
        do throws(SpawnFailure) {
            return try PassedThrough(command).run { usage.look(at: $0) }
        } catch {
            Terminal.report("tollbook: \(error)")
            // As shells say it: not found, or found and not to be run.
            return .status(error.code == ENOENT ? 127 : 126)
        }
    }

    private func passInput(_ usage: inout UsageOfOutput) -> ChildProcess.Exit {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .status(0) }
            guard Terminal.write(buffer[..<count]) else { return .signal(SIGPIPE) }
            usage.look(at: buffer[..<count])
        }
    }

    /// Keeps what was found, sends it, and sends what earlier runs left.
    private func report(_ result: IntakeResult, of harness: Harness?) {
        guard let harness, HarnessCatalog.standard.resultHarnesses.contains(harness) else {
            let known = HarnessCatalog.standard.resultHarnesses.map(\.rawValue).joined(separator: ", ")
            return say("nothing was counted: name the agent with --harness (\(known))")
        }
        if result.accepted == 0, result.rejectedCount == 0 {
            say("nothing was counted: the output reports no usage; most agents report it with JSON output only")
        }
        if result.rejectedCount > 0 { say("some usage cannot be counted: \(result.rejectionSummary)") }
        let spool = CaptureSpool(data: data, for: ingest)
        do {
            if !result.events.isEmpty { _ = try spool.keep(result.events) }
        } catch {
            say("\(error)")
            do {
                var sender = Self.sender(to: ingest)
                for event in result.events { try sender.add(event) }
                try sender.flush()
            } catch {
                say("the usage of this run is lost: \(error)")
            }
            return
        }
        send(spool)
    }

    private func send(_ spool: CaptureSpool) {
        let waiting = spool.waiting
        guard !waiting.isEmpty else { return }
        var kept = waiting.count
        do {
            var sender = Self.sender(to: ingest)
            let deadline = ContinuousClock.now + .seconds(5)
            // The newest first: it is this run's.
            for path in waiting.reversed() where ContinuousClock.now < deadline {
                if let problem = try spool.send(path, by: &sender) { say(problem) }
                kept -= 1
            }
        } catch {
            say("\(error); the usage of \(kept) runs is kept in \(spool.folder) and sent later")
        }
    }

    private static func sender(to address: HTTPAddress) -> EventSender {
        EventSender(to: address, timeout: .seconds(3), patience: .zero)
    }

    private func say(_ text: String) {
        if !quiet { Terminal.report("tollbook: \(text)") }
    }
}
