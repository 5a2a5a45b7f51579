import CoreMetrics
import Foundation
import Harnesses
import Hummingbird
import HummingbirdTesting
import Logging
import Metering
import Operations
import Pipeline
import Settings
import Support
import Synchronization
import Telemetry
import Testing
import Wire

@testable import IngestService

/// A whole ingest in this process: real routes, a real stage thread, a real spool in a folder of its own.
struct IngestUnderTest {
    /// An endpoint at which nobody answers.
    static let nobody = "tcp://127.0.0.1:1"

    let folder: String
    let logs = LogLines()
    let disk = ScriptedDisk()
    var settings: Ingest.Settings

    /// - Parameter drainLimit: how long the stage may wait at its end until all was taken; by default not for long, since
    ///   nobody takes anything.
    init(
        observations: String = nobody, watermarks: String = nobody, drainLimit: Duration = .milliseconds(200)
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-ingest-\(UUID().uuidString)").path
        let outlet = Outlet.Settings(
            batches: try Link(.connect, observations), watermarks: try Link(.connect, watermarks))
        var stage = IngestStage.Settings(folder: folder, outlet: outlet)
        stage.limits.reservedBytes = 0
        stage.disk = disk
        settings = Ingest.Settings(
            address: try ListenAddress(host: "127.0.0.1", port: 0, isInsecureAllowed: false), identityPolicy: .drop,
            stage: stage)
        settings.drainLimit = drainLimit
        // No test is so slow; those of these limits set their own.
        settings.server.requestTimeout = .seconds(3600)
        settings.server.idleTimeout = .seconds(3600)
    }

    /// Makes the service as it is set now.
    func make() -> Ingest {
        Ingest(settings, metrics: Self.registry, logger: logs.logger)
    }

    /// Runs the service, sends requests straight to its routes, and ends it.
    func run<Value: Sendable>(
        _ body: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        try await run(make(), body)
    }

    /// Runs a service that was made, sends requests straight to its routes, and ends it.
    func run<Value: Sendable>(
        _ ingest: Ingest, _ body: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        var application = ingest.application()
        application.addServices(ingest.worker)
        return try await application.test(.router) { client in
            try await client.wait(for: "/readyz", status: .ok)
            return try await body(client)
        }
    }

    /// Runs the service on a real port, and ends it.
    func runLive<Value: Sendable>(_ body: @escaping @Sendable (Int) async throws -> Value) async throws -> Value {
        let ingest = make()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await ingest.run { port.yield($0) }
                return nil
            }
            group.addTask {
                for await port in ports {
                    try await RawHTTP.waitUntilReady(port: port)
                    return try await body(port)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// What a machine that lost its power now would find: every event in a copy of the spools.
    func eventsOnDisk() throws -> [IngestEvent] {
        let copy = folder + "-copy-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let adoption = try SpoolRoot(copy).adoptOrphans()
        #expect(adoption.failures.isEmpty)
        return try adoption.spools.flatMap { spool in
            try spool.read(from: spool.low, maximumEvents: .max / 2, maximumBytes: .max / 2)
        }.map { text in
            var json = JSONReader(Array(text))
            return try IngestEvent(from: &json)
        }
    }

    /// Every byte below the folder.
    func bytesOnDisk() -> [(name: String, bytes: Data)] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in FileManager.default.contents(atPath: folder + "/" + name).map { (name, $0) } }
    }

    /// Removes the folder.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The metrics of every service in this process.
    static let registry: MetricsRegistry = {
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}

/// Files under `Fixtures`.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: Bundle.module.bundleURL.appending(path: "Fixtures/" + name)))
    }
}

/// What a service logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func count(of text: String) -> Int { all.count { $0.contains(text) } }

    var logger: Logger {
        var logger = Logger(label: "ingest") { _ in Handler(lines: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            let error = event.error.map { " \($0)" } ?? ""
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(fields)\(error)") }
        }
    }
}

extension TestClientProtocol {
    /// Sends a body and gives the answer.
    func post(_ path: String, _ headers: HTTPFields, _ body: [UInt8]) async throws -> TestResponse {
        try await execute(uri: path, method: .post, headers: headers, body: ByteBuffer(bytes: body)) { $0 }
    }

    /// Sends JSON.
    func post(_ path: String, _ body: [UInt8]) async throws -> TestResponse {
        try await post(path, [.contentType: "application/json"], body)
    }

    /// Sends JSON that is to be taken.
    func accept(_ path: String, _ body: [UInt8], times: Int = 1) async throws {
        for _ in 0..<times {
            let answer = try await post(path, body)
            #expect(answer.status == .ok)
        }
    }

    func get(_ path: String) async throws -> TestResponse {
        try await execute(uri: path, method: .get) { $0 }
    }

    /// Asks until the answer has a status.
    func wait(for path: String, status: HTTPResponse.Status) async throws {
        try await eventually("\(path) becomes \(status)") { try await get(path).status == status }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    var bytes: [UInt8] { Array(body.readableBytesView) }
}
