import Foundation
import Hummingbird
import HummingbirdTesting
import Metering
import Settings
import Testing

@testable import Access
@testable import IngestService

/// Keys at the door of ingest, and whose data comes in.
@Suite(.timeLimit(.minutes(30)))
struct IngestAccessTests {
    private static let observation = Array(#"{"id":"a","tokens":{"output":1}}"#.utf8)
    private static let json: HTTPFields = [.contentType: "application/json"]

    private func guarded(_ records: [(tenant: String, scopes: Set<AccessScope>, rate: Int)]) throws -> (
        test: IngestUnderTest, secrets: [String]
    ) {
        var test = try IngestUnderTest()
        try FileManager.default.createDirectory(atPath: test.folder, withIntermediateDirectories: true)
        let file = KeyFile(path: test.folder + "-keys.json")
        let secrets = records.map { _ in KeySecret.make() }
        try file.update { keys in
            for (record, secret) in zip(records, secrets) {
                keys.append(
                    KeyRecord(
                        secret, tenant: record.tenant, scopes: record.scopes, created: "2026-11-21T00:00:00Z",
                        note: nil, requestsPerMinute: record.rate))
            }
        }
        // No time passes by which a key could be used once more.
        let start = ContinuousClock.now
        test.settings.keys = try KeyRing(file, clock: { start })
        return (test, secrets.map(\.text))
    }

    private func bearer(_ secret: String) -> HTTPFields {
        [.contentType: "application/json", .authorization: "Bearer " + secret]
    }

    private func remove(_ test: IngestUnderTest) {
        test.remove()
        try? FileManager.default.removeItem(atPath: test.folder + "-keys.json")
        try? FileManager.default.removeItem(atPath: test.folder + "-keys.json.lock")
    }

    @Test func `the key alone says whose data it is, on every route`() async throws {
        let (test, secrets) = try guarded([("acme", [.ingest], 6000), ("globex", [.ingest], 6000)])
        defer { remove(test) }
        let logs = try Fixture.bytes("0012-logs.json")
        try await test.run { client in
            for secret in secrets {
                let sent = try await client.post("/v1/observations", bearer(secret), Self.observation)
                #expect(sent.status == .ok)
                let spoilt = try await client.post("/v1/observations", bearer(secret), Array(#"{"tenant":"x"}"#.utf8))
                #expect(spoilt.status == .unprocessableContent)
                #expect(try await client.post("/v1/logs", bearer(secret), logs).status == .ok)
                let answer = Array(#"{"usage":{"prompt_tokens":1}}"#.utf8)
                let sentAnswer = try await client.post(
                    "/v1/responses/openai-chat?tenant=other", bearer(secret), answer)
                #expect(sentAnswer.status == .ok)
            }
        }
        let tenants = try test.eventsOnDisk().map(\.tenant)
        #expect(Set(tenants) == ["acme", "globex"])
        #expect(tenants.count { $0 == "acme" } == tenants.count / 2)
        for (name, bytes) in test.bytesOnDisk() {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!secrets.contains { text.contains($0) }, "\(name)")
        }
        #expect(secrets.allSatisfy { test.logs.count(of: $0) == 0 })
    }

    @Test func `without a key that allows it nothing comes in`() async throws {
        let (test, secrets) = try guarded([("acme", [.read], 6000), ("acme", [.admin], 6000)])
        defer { remove(test) }
        try await test.run { client in
            for path in [
                "/v1/observations", "/v1/logs", "/v1/metrics", "/v1/traces", "/v1/responses/anthropic",
                "/v1/transcripts/claude-code", "/v1/results/claude-code", "/v1/nothing",
            ] {
                let missing = try await client.post(path, Self.json, Self.observation)
                #expect(missing.status == .unauthorized, "\(path)")
                let wrong = try await client.post(path, bearer("tbk_x"), Self.observation)
                #expect(wrong.status == .unauthorized)
                let insufficient = try await client.post(path, bearer(secrets[0]), Self.observation)
                #expect(insufficient.status == .forbidden)
            }
            try await client.wait(for: "/livez", status: .ok)
            #expect(try await client.get("/metrics").status == .unauthorized)
            let metrics = try await client.execute(uri: "/metrics", method: .get, headers: bearer(secrets[1])) { $0 }
            #expect(metrics.status == .ok)
        }
        #expect(try test.eventsOnDisk().isEmpty)
    }

    @Test func `a key used too often is told when to come again`() async throws {
        let (test, secrets) = try guarded([("acme", [.ingest], 6)])
        defer { remove(test) }
        try await test.run { client in
            let first = try await client.post("/v1/observations", bearer(secrets[0]), Self.observation)
            #expect(first.status == .ok)
            let second = try await client.post("/v1/observations", bearer(secrets[0]), Self.observation)
            #expect(second.status == .tooManyRequests)
            // Six in a minute are one in ten seconds.
            #expect(second.headers[.retryAfter] == "10")
        }
    }

    @Test func `pages in browsers send nothing, with or without keys`() async throws {
        let test = try IngestUnderTest()
        defer { test.remove() }
        try await test.run { client in
            var headers = Self.json
            headers[.origin] = "https://evil.example"
            let answer = try await client.post("/v1/observations", headers, Self.observation)
            #expect(answer.status == .forbidden)
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
        }
        #expect(try test.eventsOnDisk().isEmpty)
    }
}
