public import Foundation
public import LocalHTTP
public import Supervision
import Synchronization

/// The four services as real processes, on free loopback ports and a folder of their own.
///
/// Executables are taken from the folder of the test program. End with ``shutDown()``; processes are ended by id.
public final class RunningServices: Sendable {
    /// Ports, folders and programs.
    public let deployment: Deployment
    private let folder: TestFolder
    private let extraArguments: [Service: [String]]
    private let hosts: [Service: HostFaults]
    private let children = Mutex<[Service: ChildProcess]>([:])

    /// Starts all services and waits until they are ready.
    ///
    /// - Parameters:
    ///   - executables: The folder with the programs; by default that of this build.
    ///   - extraArguments: Flags for single services beside those a deployment gives.
    ///   - hosts: What goes wrong on the hosts of single services.
    ///   - services: The services to start, in this order.
    public init(
        executables: String? = nil, extraArguments: [Service: [String]] = [:],
        hosts: [Service: HostFaults] = [:], services: [Service] = Service.startOrder
    ) throws {
        folder = try TestFolder()
        deployment = Deployment(
            ports: .free(), data: folder.path + "/data", executables: executables ?? Self.productsFolder)
        self.extraArguments = extraArguments
        self.hosts = hosts
        try FileManager.default.createDirectory(atPath: deployment.data, withIntermediateDirectories: true)
        do {
            for service in services { try start(service) }
            for service in services { try waitUntilReady(service) }
        } catch {
            // Nobody gets them who could end them.
            shutDown()
            throw error
        }
    }

    /// Where ingest takes telemetry.
    public var ingest: HTTPAddress { HTTPAddress(port: deployment.ports[.ingest]) }

    /// Where query answers.
    public var query: HTTPAddress { HTTPAddress(port: deployment.ports[.query]) }

    /// Where the feed is published.
    public var feed: String { "tcp://127.0.0.1:\(deployment.ports[.feed])" }

    /// Everything that the services have written: data and logs.
    public var files: [(name: String, bytes: Data)] { folder.files() }

    /// The folder with the executables of this build.
    public static var productsFolder: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: program).deletingLastPathComponent().path
    }

    /// Starts a service that is not running.
    public func start(_ service: Service) throws {
        let command = deployment.command(for: service)
        let log = open(logPath(service), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw SupportFailure("cannot write the log of \(service.rawValue)") }
        defer { close(log) }
        let child = try ChildProcess(
            starting: command.executable, arguments: command.arguments + (extraArguments[service] ?? []),
            environment: hosts[service]?.environment, output: log)
        children.withLock { $0[service] = child }
    }

    /// Waits until a service answers that it is ready.
    public func waitUntilReady(_ service: Service, timeout: Duration = .seconds(120)) throws {
        let probe = ReadinessProbe(port: deployment.command(for: service).readinessPort)
        let deadline = ContinuousClock.now + timeout
        while !probe.isReady {
            if let end = children.withLock({ $0[service] })?.exitIfEnded() {
                // The system has forgotten it: nobody may wait for its end again.
                children.withLock { $0[service] = nil }
                throw SupportFailure("\(service.rawValue) ended while starting (\(end)):\n\(log(of: service))")
            }
            guard ContinuousClock.now < deadline else {
                throw SupportFailure("\(service.rawValue) was not ready in time:\n\(log(of: service))")
            }
            usleep(20_000)
        }
    }

    /// Ends a service by a signal and waits for its end.
    @discardableResult
    public func stop(_ service: Service, signal: Int32 = 15, timeout: Duration = .seconds(120)) throws
        -> ChildProcess.Exit
    {
        guard let child = children.withLock({ $0.removeValue(forKey: service) }) else {
            throw SupportFailure("\(service.rawValue) is not running")
        }
        child.send(signal)
        if let end = child.waitForExit(timeout: timeout) { return end }
        child.send(SIGKILL)
        _ = child.waitForExit(timeout: .seconds(10))
        throw SupportFailure("\(service.rawValue) did not end on signal \(signal):\n\(log(of: service))")
    }

    /// Sends a running service a signal and waits for nothing.
    public func signal(_ number: Int32, to service: Service) throws {
        guard let child = children.withLock({ $0[service] }) else {
            throw SupportFailure("\(service.rawValue) is not running")
        }
        child.send(number)
    }

    /// Ends a service without warning and starts it again.
    public func killAndRestart(_ service: Service) throws {
        try stop(service, signal: SIGKILL)
        try start(service)
    }

    /// Whether a service's process runs; one that has ended and was not yet waited for does not.
    public func isRunning(_ service: Service) -> Bool {
        guard let state = processState(of: service)?.first else { return false }
        return state != "Z" && state != "X"
    }

    /// The processor time a running service has used.
    public func processorTime(of service: Service) -> Duration? {
        guard let fields = processState(of: service), fields.count > 12, let user = Int64(fields[11]),
            let system = Int64(fields[12])
        else { return nil }
        return .milliseconds((user + system) * 1000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// What the system tells of a service's process after its name, beginning with its state.
    private func processState(of service: Service) -> [Substring]? {
        guard let child = children.withLock({ $0[service] }),
            let text = FileManager.default.contents(atPath: "/proc/\(child.pid)/stat")
        else { return nil }
        return String(decoding: text, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    }

    /// The memory of a running service that is in use now, in bytes.
    public func residentMemory(of service: Service) throws -> Int64 { try memory("VmRSS:", of: service) }

    /// The most memory that a running service ever used, in bytes.
    public func peakMemory(of service: Service) throws -> Int64 { try memory("VmHWM:", of: service) }

    private func memory(_ name: String, of service: Service) throws -> Int64 {
        guard let child = children.withLock({ $0[service] }),
            let text = FileManager.default.contents(atPath: "/proc/\(child.pid)/status")
        else { throw SupportFailure("\(service.rawValue) is not running") }
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        let kibibytes = line?.split(separator: " ").compactMap { Int64($0) }.first
        guard let kibibytes else { throw SupportFailure("the memory of \(service.rawValue) cannot be read") }
        return kibibytes * 1024
    }

    /// The last lines that a service logged.
    public func log(of service: Service, lines: Int = 60) -> String {
        let text = FileManager.default.contents(atPath: logPath(service)).map { String(decoding: $0, as: UTF8.self) }
        return (text ?? "").split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    /// Ends all processes, upstream first, and removes the files.
    public func shutDown() {
        for service in Service.startOrder.reversed() { _ = try? stop(service) }
        folder.remove()
    }

    private func logPath(_ service: Service) -> String { folder.path + "/\(service.rawValue).log" }
}

/// Why a test could not be set up.
public struct SupportFailure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) {
        self.description = description
    }
}
