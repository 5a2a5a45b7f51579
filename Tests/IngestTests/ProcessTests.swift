import Foundation
import Glibc
import Support
import Testing

@testable import IngestService

/// The program itself, from its flags to its exit status.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct ProcessTests {
    /// A running program, its files below one folder.
    private final class Program: Sendable {
        let folder: String
        private let process: Process

        init(_ arguments: [String], folder: String) throws {
            self.folder = folder
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            process = Process()
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "tollbook-ingest")
            // Nothing that is seen here depends on how long the end may take.
            process.arguments = ["--data", folder, "--port", "0", "--drain-seconds", "600"] + arguments
            #expect(FileManager.default.createFile(atPath: folder + "/log", contents: nil))
            process.standardError = FileHandle(forWritingAtPath: folder + "/log")
            try process.run()
        }

        var log: String {
            String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self)
        }

        func port() async throws -> Int {
            var port: Int?
            try await eventually("it listens") {
                port = log.firstMatch(of: /listening on 127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
                return port != nil || !process.isRunning
            }
            let found = try #require(port, "\(log)")
            try await RawHTTP.waitUntilReady(port: found)
            return found
        }

        func terminate() { process.terminate() }

        func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

        func exitStatus() async throws -> Int32 {
            try await eventually("it ends", within: .seconds(300)) { !process.isRunning }
            return process.terminationStatus
        }
    }

    private static func newFolder() -> String {
        FileManager.default.temporaryDirectory.appending(path: "tollbook-ingest-\(UUID().uuidString)").path
    }

    @Test func `SIGTERM refuses new work, hands over what it has, leaves no spool, and exits with 0`() async throws {
        let endpoints = Receiver.freeEndpoints()
        let folder = Self.newFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let body = try Fixture.bytes("0012-logs.json")
        let program = try Program(
            ["--observations", endpoints.0, "--observation-watermarks", endpoints.1], folder: folder)
        let port = try await program.port()
        #expect(await RawHTTP.post(port: port, "/v1/logs", body: body).status == 200)
        program.terminate()
        try await eventually("it says so") { await RawHTTP.get(port: port, "/readyz").status == 503 }
        let refused = await RawHTTP.post(port: port, "/v1/logs", body: body)
        #expect(refused.status == 503 && refused.text.contains("Retry-After: 5"))
        try await eventually("it lives") { await RawHTTP.get(port: port, "/livez").status == 200 }
        let dedupe = try await Receiver.start(at: endpoints)
        defer { dedupe.stop() }
        #expect(try await program.exitStatus() == 0, "\(program.log)")
        #expect(dedupe.count > 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/ingest") == [PseudonymKey.fileName])
        #expect(!program.log.contains("ERROR"), "\(program.log)")
    }

    @Test func `after kill -9 the next start delivers everything that was answered with 200`() async throws {
        let endpoints = Receiver.freeEndpoints()
        let folder = Self.newFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let links = ["--observations", endpoints.0, "--observation-watermarks", endpoints.1]
        let bodies = try ["0012-logs.json", "0013-metrics.json"].map(Fixture.bytes)
        let first = try Program(links, folder: folder)
        let port = try await first.port()
        #expect(await RawHTTP.post(port: port, "/v1/logs", body: bodies[0]).status == 200)
        #expect(await RawHTTP.post(port: port, "/v1/metrics", body: bodies[1]).status == 200)
        first.kill()
        _ = try await first.exitStatus()
        let dedupe = try await Receiver.start(at: endpoints)
        defer { dedupe.stop() }
        let second = try Program(links, folder: folder)
        _ = try await second.port()
        let whole = try IngestUnderTest()
        defer { whole.remove() }
        try await whole.run { client in
            try await client.accept("/v1/logs", bodies[0])
            try await client.accept("/v1/metrics", bodies[1])
        }
        let expected = try whole.eventsOnDisk().map(\.id)
        try await eventually("all delivered") { dedupe.count >= expected.count }
        #expect(try dedupe.events.map(\.id) == expected)
        second.terminate()
        #expect(try await second.exitStatus() == 0, "\(second.log)")
    }

    @Test func `a setting that cannot be used ends the program with a message`() async throws {
        let folder = Self.newFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try Program(["--host", "0.0.0.0"], folder: folder)
        #expect(try await program.exitStatus() != 0)
        #expect(program.log.contains("refusing to listen on 0.0.0.0:0 without authentication"))
    }
}
