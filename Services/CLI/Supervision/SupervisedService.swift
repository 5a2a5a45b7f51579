import Glibc

/// One running child with its output and its plan for a restart.
struct SupervisedService {
    /// The process, until its end was noted.
    private(set) var process: ChildProcess?
    /// The descriptor its output is read from, until that has ended.
    private(set) var output: Int32?
    /// When it is to be started again.
    private(set) var restartDue: ContinuousClock.Instant?
    private(set) var policy: RestartPolicy
    private var lines = LineBuffer()
    private let startedAt = ContinuousClock.now

    init(_ command: Deployment.Command, policy: RestartPolicy) throws(SpawnFailure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SpawnFailure(executable: command.executable, code: errno) }
        // One child must not hold the other's pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do throws(SpawnFailure) {
            process = try ChildProcess(
                starting: command.executable, arguments: command.arguments, output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        output = ends[0]
        self.policy = policy
    }

    /// How the process ended, told once.
    mutating func noteEnd() -> ChildProcess.Exit? {
        guard let end = process?.exitIfEnded() else { return nil }
        process = nil
        return end
    }

    /// Plans the next start and tells the pause before it.
    mutating func planRestart(at now: ContinuousClock.Instant) -> Duration {
        let pause = policy.pause(afterRunning: now - startedAt)
        restartDue = now + pause
        return pause
    }

    /// Reads what the child has written; at its end the descriptor is closed.
    mutating func readLines() -> [String] {
        guard let output else { return [] }
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = read(output, &buffer, buffer.count)
        if count > 0 { return lines.add(buffer[..<count]) }
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        close(output)
        self.output = nil
        return lines.flush()
    }

    /// Reads what a child that has ended left behind.
    mutating func readRest() -> [String] {
        var rest: [String] = []
        while output != nil { rest += readLines() }
        return rest
    }
}

extension Deployment {
    /// The ports that something else already listens on, with who it is where that can be seen.
    public func takenPorts() -> [(port: Port, number: Int, owner: (name: String, pid: Int)?)] {
        Port.allCases.filter { !PortProbe.isFree(ports[$0]) }.map { port in
            (port, ports[port], PortProbe.owner(of: ports[port]))
        }
    }
}
