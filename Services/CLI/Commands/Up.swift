import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import Settings
import Supervision

struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start Tollbook on this machine and keep it running.",
        discussion: """
            Starts the four services, relays what they log, starts one again that dies, and stops them on Ctrl-C. \
            Everything listens on 127.0.0.1.
            """)

    @Option(help: "The folder for all data; one folder per service is made in it.")
    var data = DataDirectory.root

    @Flag(inversion: .prefixedNo, help: "Follow the session files of all known agents of this user.")
    var watch = Environment.value("TOLLBOOK_WATCH", default: true)

    @OptionGroup(title: "Ports")
    var ports: PortOptions

    func run() throws {
        StopRequest.listen()
        // The services end with this process, whatever ends it.
        setenv(Environment.supervisor, "\(getpid())", 1)
        var deployment = Deployment(
            ports: try ports.ports(), data: try DataDirectory.make(absolute(data)),
            executables: try Self.executablesFolder())
        deployment.isFollowing = watch
        try refuseTakenPorts(of: deployment)
        let isColoured = Terminal.usesColour
        var supervisor = Supervisor(deployment) { service, line in
            Terminal.write(Self.prefix(service, isColoured) + line + "\n")
        }
        do throws(SupervisorFailure) {
            try supervisor.start()
        } catch {
            guard StopRequest.count == 0 else { return }
            throw Failure(error.description)
        }
        Terminal.write(Self.welcome(deployment))
        supervisor.run()
        Terminal.write(Self.prefix(nil, isColoured) + "stopped\n")
    }

    private func refuseTakenPorts(of deployment: Deployment) throws {
        let taken = deployment.takenPorts()
        guard !taken.isEmpty else { return }
        let lines = taken.map { port, number, owner in
            let who =
                owner.map { "\($0.name) (process \($0.pid)) has it: stop that" } ?? "another program has it: stop that"
            return "port \(number) is taken: \(who), or choose another port with \(port.flag)"
        }
        throw Failure(lines.joined(separator: "\n"))
    }

    /// The folder of this program, where the services lie too.
    private static func executablesFolder() throws -> String {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let slash = program.lastIndex(of: "/")
        else { throw Failure("cannot find the folder of this program, where the services should be") }
        return String(program[..<slash])
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private static func prefix(_ service: Service?, _ isColoured: Bool) -> String {
        let name = service?.rawValue ?? "tollbook"
        let text = name + String(repeating: " ", count: max(0, 8 - name.count)) + " │ "
        guard isColoured else { return text }
        return (service == nil ? Colour.green : .grey).paint(text)
    }

    private static func welcome(_ deployment: Deployment) -> String {
        let ports = deployment.ports
        return """

            Tollbook is running.

              Reports and dashboard   http://127.0.0.1:\(ports[.query])
              Telemetry comes to      http://127.0.0.1:\(ports[.ingest])   (OTLP over HTTP, JSON or protobuf)
              Priced calls, live      tcp://127.0.0.1:\(ports[.feed])    (ZeroMQ; or: tollbook subscribe\(flag(.query, ports))\(flag(.feed, ports)))
              Data                    \(deployment.data)

            Point Claude Code at it: set these where you start `claude`.

              export CLAUDE_CODE_ENABLE_TELEMETRY=1
              export OTEL_LOGS_EXPORTER=otlp
              export OTEL_METRICS_EXPORTER=otlp
              export OTEL_EXPORTER_OTLP_PROTOCOL=http/json
              export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:\(ports[.ingest])

            \(history(deployment))

            Then: tollbook daily\(flag(.query, ports))      Is all well? tollbook doctor\(flag(.ingest, ports))\(flag(.query, ports))
            Stop with Ctrl-C.


            """
    }

    private static func history(_ deployment: Deployment) -> String {
        guard deployment.isFollowing else {
            return """
                Count what you did before, as often as you like, it never counts twice:

                  tollbook import\(flag(.ingest, deployment.ports))
                """
        }
        return
            "What agents wrote to their session files before, and write from now on, is counted by itself (--no-watch)."
    }

    private static func flag(_ port: Port, _ ports: Ports) -> String {
        guard ports[port] != port.standard else { return "" }
        let name = port == .query ? "--server" : "--\(port.rawValue)"
        return " \(name) 127.0.0.1:\(ports[port])"
    }
}

/// The ports of `tollbook up`.
struct PortOptions: ParsableArguments {
    @Option(help: "Telemetry over HTTP.") var ingestPort = Self.standard(.ingest)
    @Option(help: "Reports and dashboard.") var queryPort = Self.standard(.query)
    @Option(help: "The feed of priced calls.") var feedPort = Self.standard(.feed)
    @Option(help: .hidden) var observationsPort = Self.standard(.observations)
    @Option(help: .hidden) var observationWatermarksPort = Self.standard(.observationWatermarks)
    @Option(help: .hidden) var callsPort = Self.standard(.calls)
    @Option(help: .hidden) var chargesPort = Self.standard(.charges)
    @Option(help: .hidden) var chargeWatermarksPort = Self.standard(.chargeWatermarks)
    @Option(help: .hidden) var dedupeAdminPort = Self.standard(.dedupeAdmin)
    @Option(help: .hidden) var pricingAdminPort = Self.standard(.pricingAdmin)

    func ports() throws -> Ports {
        try Environment.validate()
        let chosen: [Port: Int] = [
            .ingest: ingestPort, .query: queryPort, .feed: feedPort, .observations: observationsPort,
            .observationWatermarks: observationWatermarksPort, .calls: callsPort, .charges: chargesPort,
            .chargeWatermarks: chargeWatermarksPort, .dedupeAdmin: dedupeAdminPort, .pricingAdmin: pricingAdminPort,
        ]
        var ports = Ports()
        var users: [Int: Port] = [:]
        for port in Port.allCases {
            let number = chosen[port] ?? port.standard
            guard (1...65_535).contains(number) else {
                throw Failure("\(port.flag) \(number) is no port; choose 1 to 65535")
            }
            if let other = users.updateValue(port, forKey: number) {
                throw Failure("\(other.flag) and \(port.flag) are both \(number); choose two ports")
            }
            ports[port] = number
        }
        return ports
    }

    private static func standard(_ port: Port) -> Int {
        let name = port.rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        return Environment.value("TOLLBOOK_\(name)_PORT", default: port.standard)
    }
}
