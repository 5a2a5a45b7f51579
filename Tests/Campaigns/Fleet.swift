import Foundation
import Glibc
import LocalHTTP
import Supervision
import Support
import Synchronization

/// An arrow between two services, named by the port it ends at.
typealias Arrow = Supervision.Port

/// A deployment of many processes whose every arrow passes through a link that can be broken, each on a host of its own
/// whose disk and clock can fail.
///
/// A process that ends by itself, as after a failed commit, is started again, as `tollbook up` and Docker do.
final class Fleet: Sendable {
    /// The most replicas of the services that scale.
    static let maximumIngests = 8
    static let maximumPricings = 6

    /// One process of the fleet.
    struct Member: Hashable, Sendable, CustomStringConvertible {
        let service: Service
        let index: Int

        var description: String {
            service == .ingest || service == .pricing ? "\(service.rawValue)-\(index)" : service.rawValue
        }
    }

    /// The links, by the port that services would connect to without them.
    let links: [Arrow: FaultyLink]
    private let deployment: Deployment
    private let ownPorts: [Member: Int]
    private let hosts: [Member: HostFaults]
    private let children = Mutex<[Member: ChildProcess]>([:])
    private let restarts = Mutex(0)
    private let killed = Mutex<[Service: Int]>([:])

    init(executables: String, data: String) throws {
        let deployment = Deployment(ports: .free(), data: data, executables: executables)
        self.deployment = deployment
        var links: [Arrow: FaultyLink] = [:]
        for arrow in [Arrow.observations, .observationWatermarks, .calls, .charges, .chargeWatermarks] {
            links[arrow] = try FaultyLink(to: deployment.ports[arrow])
        }
        self.links = links
        let scaled =
            (0..<Self.maximumIngests).map { Member(service: .ingest, index: $0) }
            + (0..<Self.maximumPricings).map { Member(service: .pricing, index: $0) }
        ownPorts = Dictionary(uniqueKeysWithValues: zip(scaled, FreePorts.take(scaled.count)))
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let single = [Service.dedupe, .query].map { Member(service: $0, index: 0) }
        var hosts: [Member: HostFaults] = [:]
        for member in scaled + single {
            hosts[member] = try HostFaults(path: "\(data)/\(member).faults")
        }
        self.hosts = hosts
        for service in Service.startOrder { try start(Member(service: service, index: 0)) }
    }

    /// Where query answers.
    var query: HTTPAddress { HTTPAddress(port: deployment.ports[.query]) }

    /// Where dedupe tells of itself.
    var dedupe: HTTPAddress { HTTPAddress(port: deployment.ports[.dedupeAdmin]) }

    /// Where the ingests that run take telemetry.
    var ingests: [HTTPAddress] {
        running.filter { $0.service == .ingest }.compactMap { ownPorts[$0] }.map { HTTPAddress(port: $0) }
    }

    /// Who runs, in a stable order.
    var running: [Member] {
        children.withLock { Array($0.keys) }.sorted {
            ($0.service.rawValue, $0.index) < ($1.service.rawValue, $1.index)
        }
    }

    /// How often a process that ended by itself was started again.
    var restartCount: Int { restarts.withLock { $0 } }

    /// How often each service was ended without warning.
    var kills: [Service: Int] { killed.withLock { $0 } }

    /// Starts a member that does not run.
    func start(_ member: Member) throws {
        let command = command(for: member)
        let log = open("\(deployment.data)/\(member).log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(log) }
        let child = try ChildProcess(
            starting: command.executable, arguments: command.arguments, environment: hosts[member]?.environment,
            output: log >= 0 ? log : nil)
        children.withLock { $0[member] = child }
    }

    /// Sends a signal to a member and waits for its end; it then no longer runs.
    @discardableResult
    func end(_ member: Member, signal: Int32) -> ChildProcess.Exit? {
        guard let child = children.withLock({ $0.removeValue(forKey: member) }) else { return nil }
        child.send(signal)
        if signal == SIGKILL { killed.withLock { $0[member.service, default: 0] += 1 } }
        if let exit = child.waitForExit(timeout: .seconds(120)) { return exit }
        child.send(SIGKILL)
        return child.waitForExit(timeout: .seconds(10))
    }

    /// Stops a member where it stands, and lets it go on.
    func freeze(_ member: Member, for time: Duration) {
        guard let child = children.withLock({ $0[member] }) else { return }
        child.send(SIGSTOP)
        pause(time)
        child.send(SIGCONT)
    }

    /// What goes wrong on the host of a member.
    func host(of member: Member) -> HostFaults? { hosts[member] }

    /// Starts again who ended by itself.
    func revive() throws {
        let ended = children.withLock { children in
            let ended = children.filter { $0.value.exitIfEnded() != nil }.map(\.key)
            for member in ended { children[member] = nil }
            return ended
        }
        for member in ended {
            restarts.withLock { $0 += 1 }
            try start(member)
        }
    }

    /// Nothing goes wrong on any host any more, but for the clocks.
    func healDisks() { for host in hosts.values { host.healDisk() } }

    /// Ends everything.
    func shutDown() {
        for member in running { end(member, signal: SIGTERM) }
        for link in links.values { link.end() }
    }

    private func command(for member: Member) -> Deployment.Command {
        var own = deployment
        let connected: [Arrow] =
            switch member.service {
            case .ingest: [.observations, .observationWatermarks]
            case .dedupe: [.chargeWatermarks]
            case .pricing: [.calls, .charges]
            case .query: []
            }
        for arrow in connected { own.ports[arrow] = links[arrow]?.port ?? deployment.ports[arrow] }
        if let port = ownPorts[member] { own.ports[member.service == .ingest ? .ingest : .pricingAdmin] = port }
        return own.command(for: member.service)
    }
}
