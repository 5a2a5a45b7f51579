import Operations
import Settings
import Support
import Testing

@testable import IngestService

/// Over real sockets: what clients do that routes alone do not see.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct LiveTests {
    private static let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"

    private static func head(_ fields: String, path: String = "/v1/logs") -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n".utf8)
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + Array("\r\n".utf8)
    }

    @Test func `a chunked body arrives whole`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        let count = try await test.runLive { port in
            var parts = [Self.head(Self.chunked)]
            for start in stride(from: 0, to: body.count, by: 999) {
                parts.append(Self.chunk(Array(body[start..<min(body.count, start + 999)])))
            }
            let answer = await RawHTTP.send(port: port, parts + [Array("0\r\n\r\n".utf8)])
            #expect(answer.status == 200)
            #expect(answer.text.hasSuffix("{}"))
            return try test.eventsOnDisk().count
        }
        #expect(count > 0)
    }

    @Test func `a body of 100 MiB is 413, announced or not, and others are served meanwhile`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let good = try Fixture.bytes("0012-logs.json")
        try await test.runLive { port in
            let large = [UInt8](repeating: UInt8(ascii: " "), count: 100 << 20)
            async let announced = RawHTTP.post(port: port, "/v1/logs", body: large)
            #expect(await RawHTTP.post(port: port, "/v1/logs", body: good).status == 200)
            #expect(await announced.status == 413)
            let part = Self.chunk([UInt8](repeating: UInt8(ascii: " "), count: 1 << 20))
            let parts = [Self.head(Self.chunked)] + Array(repeating: part, count: 100) + [Array("0\r\n\r\n".utf8)]
            #expect(await RawHTTP.send(port: port, parts).status == 413)
            let plain = "Content-Type: text/plain\r\n"
            #expect(await RawHTTP.post(port: port, "/v1/logs", headers: plain, body: large).status == 415)
            #expect(await RawHTTP.post(port: port, "/v1/logs", body: good).status == 200)
        }
    }

    @Test func `requests that follow on one connection are each answered, refused ones too`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let good = try Fixture.bytes("0012-logs.json")
        try await test.runLive { port in
            func request(_ type: String, _ body: [UInt8], _ more: String = "") -> [UInt8] {
                Self.head("Content-Type: \(type)\r\n\(more)Content-Length: \(body.count)\r\n") + body
            }
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
            let parts = [
                request("application/json", good), request("text/plain", large) + request("application/json", good),
                request("application/json", Array("{".utf8)) + request("text/plain", large),
                request("application/json", good, "Connection: close\r\n"),
            ]
            let answer = await RawHTTP.send(port: port, parts)
            let statuses = answer.text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
            #expect(statuses == ["200", "415", "200", "400", "415", "200"])
        }
    }

    @Test func `a gzip bomb is 413`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let bomb = gzip([UInt8](repeating: UInt8(ascii: " "), count: (64 << 20) + 1))
        let fits = gzip(Array(repeating: UInt8(ascii: " "), count: (64 << 20) - 2) + Array("{}".utf8))
        let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
        try await test.runLive { port in
            #expect(await RawHTTP.post(port: port, "/v1/logs", headers: headers, body: bomb).status == 413)
            #expect(await RawHTTP.post(port: port, "/v1/logs", headers: headers, body: fits).status == 200)
        }
    }

    @Test func `a request that does not arrive in time loses its connection`() async throws {
        var test = try IngestUnderTest()
        defer { test.remove() }
        test.settings.server.requestTimeout = .milliseconds(300)
        try await test.runLive { port in
            let head = Self.head("Content-Type: application/json\r\nContent-Length: 100\r\n")
            let answer = await RawHTTP.send(port: port, [head, [UInt8(ascii: "{")]])
            #expect(answer.status == nil || answer.status == 400)
            #expect(answer.isClosed)
            try await eventually("others are served") { await RawHTTP.get(port: port, "/livez").status == 200 }
        }
    }

    @Test func `a connection that says nothing is closed`() async throws {
        var test = try IngestUnderTest()
        defer { test.remove() }
        test.settings.server.idleTimeout = .milliseconds(300)
        try await test.runLive { port in
            let answer = await RawHTTP.send(port: port, [Array("POST /v1/lo".utf8)])
            #expect(answer.status == nil)
            #expect(answer.isClosed)
        }
    }

    @Test func `a head that is too long or no HTTP at all is 400 and harms nobody`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let good = try Fixture.bytes("0012-logs.json")
        try await test.runLive { port in
            let long = "X-Long: " + String(repeating: "a", count: 200_000) + "\r\n"
            let many = (0..<5000).map { "X-\($0): 1\r\n" }.joined()
            for bytes in [Self.head(long), Self.head(many), Array("\u{16}\u{3}\u{1} nonsense\r\n\r\n".utf8)] {
                let status = await RawHTTP.send(port: port, [bytes]).status
                #expect(status == 400 || status == nil)
            }
            #expect(await RawHTTP.post(port: port, "/v1/logs", body: good).status == 200)
        }
    }

    @Test func `a taken port is a message a person understands`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.runLive { port in
            var second = try IngestUnderTest()
            defer { second.remove() }
            second.settings.address = try .init(host: "127.0.0.1", port: port, isInsecureAllowed: false)
            let ingest = second.make()
            let error = await #expect(throws: SettingsError.self) { try await ingest.run() }
            #expect(error?.description.contains("port \(port) of 127.0.0.1 is taken") == true)
        }
    }
}
