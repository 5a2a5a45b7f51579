import Glibc
import LocalHTTP

/// Runs the services of a deployment as children: starts them in order, relays what they log, starts one that died
/// again, and stops them in order.
///
/// One thread does everything in turns of at most a tenth of a second.
public struct Supervisor: ~Copyable {
    private let deployment: Deployment
    private let relay: (Service?, String) -> Void
    private var children: [Service: SupervisedService] = [:]

    /// How long a service may take to become ready.
    public static let readinessLimit = Duration.seconds(60)
    /// How long a service may take to stop before it is killed.
    public static let stopLimit = Duration.seconds(20)
    private static let turn = Duration.milliseconds(100)

    /// Makes a supervisor.
    ///
    /// - Parameter relay: Takes each line a service logs, or, without a service, what the supervisor itself has to say.
    public init(_ deployment: Deployment, relay: @escaping (Service?, String) -> Void) {
        self.deployment = deployment
        self.relay = relay
    }

    /// Starts every service and waits until all are ready.
    ///
    /// - Throws: ``SupervisorFailure`` when one cannot be started or ends; all are stopped then.
    public mutating func start() throws(SupervisorFailure) {
        do throws(SupervisorFailure) {
            for service in Service.startOrder {
                try launch(service)
                try awaitReadiness(of: service)
            }
        } catch {
            stop()
            throw error
        }
    }

    /// Keeps the services running until a stop is asked for, then stops them.
    public mutating func run() {
        while StopRequest.count == 0 {
            relayOutput(waiting: Self.turn)
            for service in Service.startOrder { keepRunning(service) }
        }
        stop()
    }

    /// Stops all services, upstream first, so that each hands on what it holds.
    public mutating func stop() {
        for service in Service.startOrder.reversed() {
            guard let child = children[service]?.process else { continue }
            child.send(SIGTERM)
            let isStopped = wait(atMost: Self.stopLimit) { supervisor in
                supervisor.children[service]?.noteEnd() != nil || StopRequest.count > 1
            }
            if !isStopped || children[service]?.process != nil {
                relay(nil, "\(service.rawValue) did not stop in time and was killed; nothing is lost, it recovers")
                child.send(SIGKILL)
                _ = child.waitForExit(timeout: .seconds(5))
            }
            for line in children[service]?.readRest() ?? [] { relay(service, line) }
            children[service] = nil
        }
    }

    private mutating func launch(_ service: Service) throws(SupervisorFailure) {
        do throws(SpawnFailure) {
            let policy = children[service]?.policy ?? RestartPolicy()
            children[service] = try SupervisedService(deployment.command(for: service), policy: policy)
        } catch {
            throw SupervisorFailure("\(error)")
        }
    }

    private mutating func awaitReadiness(of service: Service) throws(SupervisorFailure) {
        let probe = ReadinessProbe(port: deployment.command(for: service).readinessPort)
        var end: ChildProcess.Exit?
        let isReady = wait(atMost: Self.readinessLimit) { supervisor in
            end = supervisor.children[service]?.noteEnd()
            return end != nil || StopRequest.count > 0 || probe.isReady
        }
        relayOutput(waiting: .zero)
        if let end {
            throw SupervisorFailure("\(service.rawValue) ended while starting (\(end)); its log above says why")
        }
        if StopRequest.count > 0 { throw SupervisorFailure("stopped while starting") }
        guard isReady else {
            throw SupervisorFailure(
                "\(service.rawValue) was not ready within \(Self.readinessLimit); see its log above")
        }
    }

    private mutating func keepRunning(_ service: Service) {
        let now = ContinuousClock.now
        if let end = children[service]?.noteEnd() {
            for line in children[service]?.readRest() ?? [] { relay(service, line) }
            let pause = children[service]?.planRestart(at: now) ?? .zero
            let when = pause == .zero ? "at once" : "in \(pause)"
            relay(nil, "\(service.rawValue) ended unexpectedly (\(end)); starting it again \(when), nothing is lost")
        }
        guard let due = children[service]?.restartDue, due <= now else { return }
        do throws(SupervisorFailure) {
            try launch(service)
        } catch {
            relay(nil, "\(error)")
            _ = children[service]?.planRestart(at: now)
        }
    }

    /// Takes turns until a condition holds; false when the time is over first.
    private mutating func wait(atMost limit: Duration, until isDone: (inout Supervisor) -> Bool) -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            relayOutput(waiting: Self.turn)
            if isDone(&self) { return true }
        }
        return false
    }

    private mutating func relayOutput(waiting time: Duration) {
        let services = Service.startOrder.filter { children[$0]?.output != nil }
        var polled = services.map { pollfd(fd: children[$0]?.output ?? -1, events: Int16(POLLIN), revents: 0) }
        let milliseconds = Int32(time / .milliseconds(1))
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
        for (service, state) in zip(services, polled) where state.revents != 0 {
            for line in children[service]?.readLines() ?? [] { relay(service, line) }
        }
    }
}

/// Why the services could not be started.
public struct SupervisorFailure: Error, CustomStringConvertible {
    /// One sentence for the user.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
