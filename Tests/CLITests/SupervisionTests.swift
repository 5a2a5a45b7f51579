import Glibc
import Supervision
import Support
import Testing

@Suite struct SupervisionTests {
    @Test func `restarts wait longer each time and forget after a healthy while`() {
        var policy = RestartPolicy(firstPause: .seconds(1), longestPause: .seconds(5), healthyAfter: .seconds(60))
        let pauses = [1, 1, 1, 1, 1, 61, 1].map { policy.pause(afterRunning: .seconds($0)) }
        #expect(pauses == [0, 1, 2, 4, 5, 0, 1].map { .seconds($0) })
    }

    @Test(.timeLimit(.minutes(30))) func `a child's end is told apart by status and signal`() throws {
        let clean = try ChildProcess(starting: "/bin/sh", arguments: ["-c", "exit 3"])
        #expect(clean.waitForExit(timeout: .seconds(120)) == .status(3))
        let killed = try ChildProcess(starting: "/bin/sleep", arguments: ["600"])
        #expect(killed.exitIfEnded() == nil)
        killed.send(9)
        #expect(killed.waitForExit(timeout: .seconds(120)) == .signal(9))
    }

    @Test func `a program that is not there cannot be started`() {
        #expect(throws: SpawnFailure.self) { try ChildProcess(starting: "/nowhere/tollbook-ingest", arguments: []) }
    }

    @Test func `a port at which somebody listens is not free, and its owner is told`() throws {
        let listener = try LoopbackListener()
        #expect(!PortProbe.isFree(listener.port))
        #expect(PortProbe.owner(of: listener.port)?.pid == Int(getpid()))
    }

    @Test func `ports for tests lie outside the range that the kernel gives out`() {
        #expect(FreePorts.outside(ephemeral: 32_768...60_999) == 10_000..<32_768)
        #expect(FreePorts.outside(ephemeral: 1_024...30_000) == 30_001..<65_536)
        let ports = FreePorts.take(50)
        #expect(Set(ports).count == 50)
    }
}
