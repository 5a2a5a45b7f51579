import Foundation
import LocalHTTP
import Supervision
import Support
import Testing

extension EndToEndTests {
    @Suite struct FeedTests {
        @Test func `a Python subscriber receives priced changes`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let python = EndToEndTests.python
            let check = try Command(python, ["-c", "import zmq"])
            try #require(check.status == 0, "pyzmq is missing; deploy/test installs it")

            let folder = try TestFolder()
            defer { folder.remove() }
            let outputPath = folder.path + "/changes"
            try Data().write(to: URL(filePath: outputPath))
            let subscriber = Process()
            subscriber.executableURL = URL(filePath: python)
            subscriber.arguments = ["-B", try EndToEndTests.script("subscriber.py"), services.feed, "200"]
            subscriber.standardOutput = try FileHandle(forWritingTo: URL(filePath: outputPath))
            try subscriber.run()
            defer { if subscriber.isRunning { subscriber.terminate() } }
            // It says that it has subscribed once the feed has answered.
            let deadline = ContinuousClock.now + .seconds(120)
            while try Data(contentsOf: URL(filePath: outputPath)).isEmpty {
                try #require(ContinuousClock.now < deadline, "the subscriber heard nothing of the feed")
                pause(.milliseconds(50))
            }

            var generator = TelemetryGenerator(seed: 7)
            for _ in 0..<10 { try services.deliver(generator.logs(calls: 20), to: "logs") }
            subscriber.waitUntilExit()
            #expect(subscriber.terminationStatus == 0)

            var view = LedgerView()
            let lines = try String(contentsOfFile: outputPath, encoding: .utf8).split(separator: "\n").dropFirst()
            for line in lines { try view.apply(Array(line.utf8)) }
            #expect(lines.count == 200)
            #expect(view.books == generator.books)
        }

        @Test(arguments: ["python", "sh"])
        func `the README's examples print every change`(language: String) throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 9)
            try services.deliver(generator.logs(calls: 40), to: "logs")
            let ledger = try services.settledLedger { $0.books == generator.books }

            let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
            let text = try String(contentsOf: project.appending(path: "README.md"), encoding: .utf8)
            let block = try #require(text.components(separatedBy: "```\(language)\n").dropFirst().first)
            let example = try #require(block.components(separatedBy: "```").first)
                .replacing("127.0.0.1:7130", with: services.feed.dropFirst("tcp://".count))
                .replacing("127.0.0.1:7100", with: services.query.authority)
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/example"
            try Data(example.utf8).write(to: URL(filePath: file))
            let output = open(folder.path + "/output", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            defer { close(output) }
            let isPython = language == "python"
            let run = try ChildProcess(
                starting: isPython ? EndToEndTests.python : "/bin/bash", arguments: (isPython ? ["-u"] : []) + [file],
                output: output)
            // They go on for ever, in a group of their own.
            defer { kill(-run.pid, SIGKILL) }
            var lines: [Substring] = []
            let deadline = ContinuousClock.now + .seconds(120)
            while lines.count < ledger.sequence, ContinuousClock.now < deadline {
                pause(.milliseconds(100))
                lines = try String(contentsOfFile: folder.path + "/output", encoding: .utf8).split(separator: "\n")
            }
            #expect(lines.count >= ledger.sequence)
            #expect(lines.dropLast().allSatisfy { $0.contains("upsert") }, "\(lines.suffix(5))")
        }

        @Test func `subscribers that come late or lose the service end equal to the ledger`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 8)
            try services.deliver(generator.logs(calls: 100), to: "logs")
            var ledger = try services.settledLedger { $0.books == generator.books }
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)
            try services.deliver(generator.logs(calls: 100), to: "logs")
            ledger = try services.settledLedger { $0.books == generator.books }
            #expect(ledger.books == generator.books)

            let caughtUp = try Command.tollbook([
                "subscribe", "--json", "--no-follow", "--server", services.query.description,
            ])
            #expect(caughtUp.status == 0, "\(caughtUp.errors)")
            var view = LedgerView()
            for line in caughtUp.output.split(separator: "\n") { try view.apply(Array(line.utf8)) }
            #expect(view.sequence >= ledger.sequence)
            #expect(view.books == ledger.books)

            let events = try Command.tollbook([
                "subscribe", "--cloudevents", "--no-follow", "--server", services.query.description,
            ])
            var data = LedgerView()
            for line in events.output.split(separator: "\n") {
                #expect(line.hasPrefix(#"{"specversion":"1.0","id":""#))
                let start = try #require(line.range(of: #""data":"#)).upperBound
                try data.apply(Array(line[start...].utf8.dropLast()))
            }
            #expect(data.books == ledger.books)
        }
    }
}
