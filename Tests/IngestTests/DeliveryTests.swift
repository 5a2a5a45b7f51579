import Foundation
import Glibc
import Hummingbird
import HummingbirdTesting
import Metering
import Pipeline
import Support
import Testing
import Wire

@testable import IngestService

/// From the spool to the next stage: real sockets, a receiver that acknowledges what it has.
@Suite(.timeLimit(.minutes(30)))
struct DeliveryTests {
    @Test func `events reach dedupe once and in order, and watermarks empty the spool`() async throws {
        let body = try Fixture.bytes("0012-logs.json")
        let each = try await Self.eventCount(of: body)
        #expect(each > 0)
        let dedupe = try await Receiver.start()
        defer { dedupe.stop() }
        let test = try IngestUnderTest(
            observations: dedupe.observations, watermarks: dedupe.watermarks, drainLimit: .seconds(300))
        defer { test.remove() }
        try await test.run { client in
            try await client.accept("/v1/logs", body, times: 20)
        }
        #expect(dedupe.count == 20 * each, "it ends when dedupe has everything")
        // Ended cleanly with everything acknowledged: no spool is left, and a new start finds nothing to do.
        #expect(try test.eventsOnDisk().isEmpty)
        #expect(test.bytesOnDisk().isEmpty)
        let ids = try dedupe.events.map(\.id)
        #expect(Set(ids).count * 20 == ids.count)
    }

    /// How many events a body of logs makes.
    private static func eventCount(of body: [UInt8]) async throws -> Int {
        let test = try IngestUnderTest()
        defer { test.remove() }
        return try await test.run { client in
            try await client.accept("/v1/logs", body)
            return try test.eventsOnDisk().count
        }
    }

    @Test func `without dedupe the service is degraded and ready, and keeps everything until it is there`() async throws
    {
        let port = Receiver.freeEndpoints()
        var test = try IngestUnderTest(observations: port.0, watermarks: port.1)
        defer { test.remove() }
        test.settings.stage.downstreamPatience = .milliseconds(100)
        let body = try Fixture.bytes("0012-logs.json")
        try await test.run { [test] client in
            try await client.accept("/v1/logs", body)
            try await eventually("degraded") { try await client.get("/readyz").text.contains("does not acknowledge") }
            #expect(try await client.get("/readyz").status == .ok)
            let kept = try test.eventsOnDisk().count
            let dedupe = try await Receiver.start(at: port)
            defer { dedupe.stop() }
            try await eventually("all delivered") { dedupe.count == kept }
            try await eventually("no longer degraded") {
                try await !client.get("/readyz").text.contains("does not acknowledge")
            }
        }
        #expect(test.logs.count(of: "dedupe does not acknowledge") == 1)
        #expect(test.logs.count(of: "dedupe acknowledges again") == 1)
    }

    @Test func `what a killed ingest left is adopted and drained by the next, and its folder goes`() async throws {
        let body = try Fixture.bytes("0012-logs.json")
        let dead = try IngestUnderTest()
        defer { dead.remove() }
        try await dead.run { client in
            try await client.accept("/v1/logs", body, times: 3)
        }
        let left = try dead.eventsOnDisk().map(\.id)
        #expect(!left.isEmpty)
        let dedupe = try await Receiver.start()
        defer { dedupe.stop() }
        var next = try IngestUnderTest(observations: dedupe.observations, watermarks: dedupe.watermarks)
        next.settings.stage.folder = dead.folder
        try await next.run { _ in
            try await eventually("drained") { dedupe.count == left.count }
            #expect(try dedupe.events.map(\.id) == left)
            try await eventually("removed") {
                try FileManager.default.contentsOfDirectory(atPath: dead.folder).count == 1
            }
        }
        #expect(next.logs.count(of: "orphaned spool adopted") == 1)
        #expect(next.logs.count(of: "adopted spool drained") == 1)
    }

    @Test func `a replica takes over a spool whose owner went while it runs, and leaves a living one alone`()
        async throws
    {
        let body = try Fixture.bytes("0012-logs.json")
        let dedupe = try await Receiver.start()
        defer { dedupe.stop() }
        let owner = try IngestUnderTest()
        defer { owner.remove() }
        var other = try IngestUnderTest(observations: dedupe.observations, watermarks: dedupe.watermarks)
        other.settings.stage.folder = owner.folder
        other.settings.stage.adoptionInterval = .milliseconds(50)
        try await other.run { _ in
            try await owner.run { client in
                try await client.accept("/v1/logs", body)
                try await Task.sleep(for: .milliseconds(300))
                #expect(dedupe.count == 0)
            }
            try await eventually("taken over") { dedupe.count > 0 }
        }
    }

    @Test func `no canary leaves a request, neither to disk nor to dedupe nor to a log`() async throws {
        let dedupe = try await Receiver.start()
        defer { dedupe.stop() }
        let test = try IngestUnderTest(observations: dedupe.observations, watermarks: dedupe.watermarks)
        defer { test.remove() }
        let canary = "CANARY-5d1e"
        func text(_ name: String, _ value: String) -> String {
            #"{"key":"\#(name)","value":{"stringValue":"\#(value)"}}"#
        }
        let attributes = [
            text("event.name", "api_request"), text("session.id", "s1"), text("model", "claude-opus-4-5"),
            text("input_tokens", "12"), text("prompt", canary), text("response", canary), text("tool_input", canary),
            text(canary, canary), text("user.email", canary + "@example.com"),
        ]
        let log = """
            {"resourceLogs":[{"resource":{"attributes":[\(text("service.name", "claude-code")),\(text("host.name", "h"))]},\
            "scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},"logRecords":[\
            {"timeUnixNano":"1787234592345000000","body":{"stringValue":"\(canary)"},"attributes":[\(attributes.joined(separator: ","))]},\
            {"timeUnixNano":"1787234592345000001","attributes":[\(text("event.name", "api_request")),\
            \(text("session.id", "s1")),\(text("input_tokens", canary))]}]}]}]}
            """
        let line = #"{"type":"user","sessionId":"s","message":{"role":"user","content":"\#(canary)"}}"#
        try await test.run { client in
            #expect(try await client.post("/v1/logs", Array(log.utf8)).status == .ok)
            let lines: HTTPFields = [.contentType: "application/x-ndjson"]
            for path in ["/v1/transcripts/claude-code", "/v1/transcripts/claude-code?file=\(canary)"] {
                #expect(try await client.post(path, lines, Array((line + "\n" + canary + "\n").utf8)).status == .ok)
            }
            let bad: [(String, String, String)] = [
                ("/v1/logs", "application/json", #"{"resourceLogs":"\#(canary)"}"#),
                ("/v1/\(canary)", "text/plain", canary),
                ("/v1/transcripts/\(canary)", "application/x-ndjson", canary), ("/v1/logs", canary, canary),
            ]
            for (path, type, body) in bad {
                let answer = try await client.post(path, [.contentType: type], Array(body.utf8))
                #expect(answer.status.code >= 400 && !answer.text.contains(canary))
            }
            #expect(try test.eventsOnDisk().count >= 2)
            for file in test.bytesOnDisk() { #expect(file.bytes.range(of: Data(canary.utf8)) == nil, "\(file.name)") }
            try await eventually("delivered") { dedupe.count >= 2 }
            #expect(try await !client.get("/metrics").text.contains(canary))
        }
        #expect(try dedupe.events.allSatisfy { !String(decoding: $0.json, as: UTF8.self).contains(canary) })
        #expect(test.logs.all.allSatisfy { !$0.contains(canary) }, "\(test.logs.all)")
    }

    @Test func `operators see requests, events, reasons and the spool`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        try await test.run { client in
            try await client.accept("/v1/logs", body)
            let page = try await client.get("/metrics").text
            for line in [
                #"tollbook_ingest_http_requests_total{code="200",signal="logs"} "#,
                #"tollbook_ingest_accepted_events_total{channel="log",kind="observation"} "#,
                "tollbook_ingest_spool_bytes ", "tollbook_ingest_outstanding_events ",
                "tollbook_ingest_spool_synchronization_seconds_count ",
            ] { #expect(page.contains("\n" + line), "\(line)") }
        }
    }
}
