import Foundation
import LocalHTTP
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Subscribers that leave a thousand times, come late, dawdle, never read, or are killed, and a publisher that dies.
    @Suite struct SubscriberCampaignTests {
        static let processes = 25
        static let disconnects = 1000
        static let seconds = 20

        @Test(arguments: [20_261_128 as UInt64])
        func `every subscriber ends equal to the ledger, and none slows it or makes it grow`(seed: UInt64) throws {
            let check = try Command(EndToEndTests.python, ["-c", "import zmq"])
            try #require(check.status == 0, "pyzmq is missing; deploy/test installs it")
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            var generator = TelemetryGenerator(seed: seed)
            try services.deliver(generator.logs(calls: 500), to: "logs")

            let log = try Output(folder.path + "/subscribers")
            let subscribers = try ChildProcess(
                starting: EndToEndTests.python,
                arguments: [
                    "-B", try EndToEndTests.script("subscribers.py"), services.feed, services.query.description,
                    "\(seed)", "\(Self.processes)", "\(Self.disconnects)", folder.path,
                ], output: log.descriptor)
            var commands = [
                try FollowingCommand(services, folder.path + "/first"),
                try FollowingCommand(services, folder.path + "/second"),
            ]
            defer {
                subscribers.send(SIGTERM)
                for command in commands { command.end() }
            }
            let isReady = waits(300) { FileManager.default.fileExists(atPath: folder.path + "/ready") }
            try #require(isReady, "\(log.text)")

            var random = SeededRandom(seed: seed)
            let before = try services.residentMemory(of: .query)
            let start = ContinuousClock.now
            var nextKill = start + .seconds(4)
            var kills = 0
            while ContinuousClock.now < start + .seconds(Self.seconds) {
                try services.deliver(generator.logs(calls: 20), to: "logs")
                pause(.milliseconds(40))
                if Double.random(in: 0..<1, using: &random) < 0.01 {
                    try services.waitUntilReady(.query)
                    try commands[Int.random(in: 0...1, using: &random)].restart()
                }
                guard kills < 3, ContinuousClock.now > nextKill else { continue }
                try services.killAndRestart(.query)
                kills += 1
                nextKill = ContinuousClock.now + .seconds(5)
            }
            let ledger = try services.settledLedger { $0.books == generator.books }
            #expect(ledger.books == generator.books)
            let growth = try services.residentMemory(of: .query) - before
            #expect(growth < 192 << 20, "query grew by \(growth >> 20) MiB")

            try Data("\(ledger.sequence)".utf8).write(to: URL(filePath: folder.path + "/stop"), options: .atomic)
            let end = subscribers.waitForExit(timeout: .seconds(600))
            #expect(end == .status(0), "\(log.text)")
            #expect(log.text.contains("left \(Self.disconnects)\n"), "\(log.text)")
            for index in commands.indices {
                let view = try commands[index].view(until: ledger.sequence)
                #expect(view.books == ledger.books, "a command that was killed \(commands[index].kills) times")
            }
            #expect(services.isRunning(.query))
            print(
                "\(ledger.sequence) changes, \(kills) kills of the publisher, growth \(growth >> 20) MiB")
        }

        private func waits(_ seconds: Int, until isDone: () -> Bool) -> Bool {
            let deadline = ContinuousClock.now + .seconds(seconds)
            while !isDone() {
                guard ContinuousClock.now < deadline else { return false }
                pause(.milliseconds(50))
            }
            return true
        }
    }
}

/// A file that a process writes its output to.
private struct Output {
    let path: String
    let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SupportFailure("cannot write \(path)") }
    }

    var text: String { FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

/// `tollbook subscribe`, killed without warning and started again where it was.
private struct FollowingCommand {
    private let arguments: [String]
    private let output: Output
    private var process: ChildProcess
    private(set) var kills = 0

    init(_ services: RunningServices, _ path: String) throws {
        output = try Output(path)
        arguments = [
            "subscribe", "--json", "--cursor", path + ".cursor", "--server", services.query.description, "--feed",
            services.feed,
        ]
        process = try Self.start(arguments, output)
    }

    private static func start(_ arguments: [String], _ output: Output) throws -> ChildProcess {
        // What it prints is data; what it says of itself is not.
        try ChildProcess(
            starting: "/bin/sh",
            arguments: [
                "-c", #"exec "$0" "$@" 2>>"\#(output.path).errors""#, RunningServices.productsFolder + "/tollbook",
            ] + arguments,
            output: output.descriptor)
    }

    mutating func restart() throws {
        end()
        kills += 1
        // What was cut off by the kill is no line.
        _ = write(output.descriptor, "\n", 1)
        process = try Self.start(arguments, output)
    }

    private var errors: String {
        FileManager.default.contents(atPath: output.path + ".errors").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func end() {
        process.send(SIGKILL)
        _ = process.waitForExit(timeout: .seconds(10))
    }

    /// What its lines add up to once it has a change.
    mutating func view(until last: Int64) throws -> LedgerView {
        let deadline = ContinuousClock.now + .seconds(120)
        var view = LedgerView()
        while view.sequence < last {
            guard ContinuousClock.now < deadline else {
                throw SupportFailure("the command ended at change \(view.sequence) of \(last)")
            }
            if let exit = process.exitIfEnded() {
                throw SupportFailure("the command ended by itself: \(exit)\n\(errors)")
            }
            pause(.milliseconds(200))
            view = LedgerView()
            for line in output.text.split(separator: "\n") where line.hasSuffix("}") {
                try? view.apply(Array(line.utf8))
            }
        }
        return view
    }
}
