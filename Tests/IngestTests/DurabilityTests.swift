import Glibc
import Hummingbird
import HummingbirdTesting
import Metering
import Pipeline
import ServiceLifecycle
import Support
import Testing

@testable import IngestService

/// What 200 promises, and what happens when the promise cannot be given.
@Suite(.timeLimit(.minutes(30)))
struct DurabilityTests {
    @Test func `200 comes after the disk confirmed, never before`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        try await test.run { client in
            let before = test.disk.synchronizeCount
            test.disk.change { $0.isHeld = true }
            let answer = Task { try await client.post("/v1/logs", body) }
            try await eventually("the commit begins") { test.disk.synchronizeCount > before }
            let early = await Self.result(of: answer, within: .milliseconds(150))
            #expect(early == nil)
            test.disk.change { $0.isHeld = false }
            let status = try await answer.value.status
            #expect(status == .ok)
        }
    }

    /// What a task gives within a time; it goes on after that.
    private static func result(of task: Task<TestResponse, any Error>, within limit: Duration) async -> TestResponse? {
        let (results, source) = AsyncStream.makeStream(of: TestResponse?.self)
        Task { source.yield(try? await task.value) }
        Task {
            try await Task.sleep(for: limit)
            source.yield(nil)
        }
        for await first in results { return first }
        return nil
    }

    @Test func `what was answered is on disk when the power goes`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let bodies = try ["0012-logs.json", "0013-metrics.json"].map(Fixture.bytes)
        let onDisk = try await test.run { client in
            try await client.accept("/v1/logs", bodies[0])
            let first = try test.eventsOnDisk()
            #expect(!first.isEmpty)
            try await client.accept("/v1/metrics", bodies[1])
            return (first, try test.eventsOnDisk())
        }
        #expect(Array(onDisk.1.prefix(onDisk.0.count)) == onDisk.0)
        #expect(onDisk.1.count > onDisk.0.count)
    }

    @Test func `requests that wait together share one commit`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        let ingest = test.make()
        try await test.run(ingest) { client in
            let before = test.disk.synchronizeCount
            test.disk.change { $0.isHeld = true }
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                group.addTask { try await client.post("/v1/logs", body).status }
                try await eventually("the commit begins") { test.disk.synchronizeCount > before }
                for _ in 0..<50 { group.addTask { try await client.post("/v1/logs", body).status } }
                try await eventually("all wait") { ingest.submissions.waiting == 50 }
                test.disk.change { $0.isHeld = false }
                for try await status in group { #expect(status == .ok) }
            }
            #expect(test.disk.synchronizeCount - before <= 5)
        }
        let ids = try test.eventsOnDisk().map(\.id)
        #expect(!ids.isEmpty && ids.count == 51 * Set(ids).count)
    }

    @Test func `the same bytes give the same events`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0013-metrics.json")
        try await test.run { client in
            try await client.accept("/v1/metrics", body, times: 3)
        }
        let ids = try test.eventsOnDisk().map(\.id)
        let third = ids.count / 3
        #expect(third > 0)
        #expect(Array(ids[..<third]) == Array(ids[third..<2 * third]))
        #expect(Array(ids[..<third]) == Array(ids[(2 * third)...]))
    }

    @Test func `a full spool is 503 with Retry-After, and nothing of the request is kept`() async throws {
        var test = try IngestUnderTest()
        defer { test.remove() }
        test.settings.stage.limits.maximumBytes = 4000
        let body = try Fixture.bytes("0012-logs.json")
        try await test.run { [test] client in
            var stored = 0
            while try await client.post("/v1/logs", body).status == .ok { stored += 1 }
            let answer = try await client.post("/v1/logs", body)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "5")
            #expect(answer.text.hasPrefix(#"{"code":14,"message":"#))
            let each = try test.eventsOnDisk().count / max(stored, 1)
            #expect(try test.eventsOnDisk().count == each * stored)
            #expect(try await client.get("/readyz").status == .serviceUnavailable)
            // A stage that was not given a turn for seconds counts as dead until it has one.
            try await client.wait(for: "/livez", status: .ok)
        }
        #expect(test.logs.count(of: "spool full") == 1)
    }

    @Test func `a full disk is 503, and the service is ready again by itself when there is room`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        try await test.run { client in
            test.disk.change { $0.available = 10 }
            for _ in 0..<3 {
                let answer = try await client.post("/v1/logs", body)
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.headers[.retryAfter] == "5")
            }
            try await client.wait(for: "/readyz", status: .serviceUnavailable)
            test.disk.change { $0.available = nil }
            try await client.wait(for: "/readyz", status: .ok)
            try await client.accept("/v1/logs", body)
        }
        #expect(test.logs.count(of: "spool full") == 1)
        #expect(test.logs.count(of: "spool has room again") == 1)
        #expect(!(try test.eventsOnDisk().isEmpty))
    }

    @Test func `a failed synchronization is 503 for all who wait, and ends the service with an error`() async throws {
        // So long may the server take to answer whoever waits.
        let test = try IngestUnderTest(drainLimit: .seconds(300))
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        let error = await #expect(throws: SpoolError.self) {
            try await test.runLive { port in
                test.disk.change { $0.synchronizeError = EIO }
                async let first = RawHTTP.post(port: port, "/v1/logs", body: body)
                async let second = RawHTTP.post(port: port, "/v1/logs", body: body)
                let statuses = await [first.status, second.status]
                #expect(statuses.contains(503))
                // The second may find the server gone already, but never a promise.
                #expect(statuses.allSatisfy { $0 == 503 || $0 == nil })
                // Until the service's end breaks it off.
                try await Task.sleep(for: .seconds(3600))
            }
        }
        #expect(error?.isTransient == false)
        #expect(test.disk.synchronizeCount == 1)
    }

    @Test func `memory for bodies is bounded over all requests`() async throws {
        var test = try IngestUnderTest()
        defer { test.remove() }
        let body = try Fixture.bytes("0012-logs.json")
        test.settings.memoryLimit = body.count + body.count / 2
        try await test.run { [test] client in
            try await client.accept("/v1/logs", body)
            let before = test.disk.synchronizeCount
            test.disk.change { $0.isHeld = true }
            async let first = client.post("/v1/logs", body)
            try await eventually("the commit begins") { test.disk.synchronizeCount > before }
            let second = try await client.post("/v1/logs", body)
            #expect(second.status == .serviceUnavailable)
            #expect(second.headers[.retryAfter] == "1")
            test.disk.change { $0.isHeld = false }
            #expect(try await first.status == .ok)
            try await client.accept("/v1/logs", body)
        }
    }
}
