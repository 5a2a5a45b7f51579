import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What nobody should send, sent on purpose: the right answer, nothing else lost, and no payload kept anywhere.
    @Suite struct BadInputTests {
        static let canary = "CANARY-7f3a9c-do-not-keep"
        static let time: Int64 = 1_795_176_000_000_000_000

        private static func good(_ request: String, extra: [(name: String, json: String)] = []) -> [UInt8] {
            var tally = Tally()
            tally.uncachedInput = 10
            tally.output = 1
            return ClaudeTelemetry.log(
                session: "bad-input", model: "claude-opus-4-6", request: request, nanoseconds: time, tally: tally,
                extra: extra)
        }

        /// A request and the statuses that are right for it.
        private static func table() throws -> [(name: String, request: HTTPRequest, statuses: Set<Int>)] {
            let json = "application/json"
            let whole = good("req_canary", extra: [("prompt", ClaudeTelemetry.string(canary))])
            return [
                ("truncated JSON", .post("/v1/logs", json, Array(whole.dropLast(20))), [400]),
                ("JSON of another shape", .post("/v1/logs", json, Array("[\"\(canary)\"]".utf8)), [400]),
                ("not JSON", .post("/v1/logs", json, Array(canary.utf8)), [400]),
                ("not protobuf", .post("/v1/logs", "application/x-protobuf", Array(canary.utf8)), [400]),
                ("wrong content type", .post("/v1/logs", "text/plain", whole), [415]),
                ("unknown encoding", .post("/v1/logs", json, whole, headers: [("Content-Encoding", "br")]), [415]),
                ("not gzip", .post("/v1/logs", json, whole, headers: [("Content-Encoding", "gzip")]), [400]),
                ("gzip bomb", .post("/v1/logs", json, try bomb(), headers: [("Content-Encoding", "gzip")]), [413]),
                ("100 MiB body", .post("/v1/logs", json, [UInt8](repeating: 0x20, count: 100 << 20)), [413]),
                ("another method", .get("/v1/logs"), [404, 405]),
                ("another path", .post("/v1/\(canary)", json, whole), [404]),
                ("too deep", .post("/v1/logs", json, Array(String(repeating: "[", count: 100_000).utf8)), [400]),
                ("nothing", .post("/v1/logs", json, Array("{}".utf8)), [200]),
            ]
        }

        /// Many zeros in little gzip.
        private static func bomb() throws -> [UInt8] {
            let folder = try TestFolder()
            defer { folder.remove() }
            let file = folder.path + "/bomb.gz"
            let made = try Command("/bin/sh", ["-c", "head -c 300000000 /dev/zero | gzip -9 > \(file)"])
            try #require(made.status == 0)
            return [UInt8](try Data(contentsOf: URL(filePath: file)))
        }

        @Test func `many bad lines in one request do not fill the memory`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let before = try services.peakMemory(of: .ingest)
            func lines(_ line: String) -> [UInt8] { [UInt8](repeatElement(Array(line.utf8), count: 150_000).joined()) }
            let bad = lines("x\nx\n")
            let answers = lines(#"{"id":"a","usage":{}}"# + "\n" + #"{"id":"b"}"# + "\n")
            for (path, body) in [
                ("transcripts/claude-code", bad), ("responses/anthropic", bad), ("responses/anthropic", answers),
            ] {
                var connection = HTTPConnection(to: services.ingest, timeout: .seconds(120))
                let status = try connection.send(.post("/v1/\(path)", "application/x-ndjson", body)).status
                #expect(status == 413, "\(path): \(status)")
            }
            // Printed by something else: of a list, nothing is kept but the text itself.
            let list = Array("[".utf8) + repeatElement(Array("1,".utf8), count: 4_000_000).joined() + Array("1]".utf8)
            var connection = HTTPConnection(to: services.ingest, timeout: .seconds(120))
            let status = try connection.send(.post("/v1/results/claude-code", "application/json", list)).status
            #expect(status == 200)
            // Each line would be an event of some 600 bytes, or an answer of more; each element its place in the text.
            let grown = try services.peakMemory(of: .ingest) - before
            #expect(grown < 140 << 20, "\(grown)")
        }

        /// Token counts that are none, with the name of the reason why their record cannot be used.
        static let badCounts: [(json: String, reason: String)] = [
            ("{\"intValue\":\"-5\"}", "negative_token_count"), ("{\"doubleValue\":\"NaN\"}", "not_a_number"),
            ("{\"doubleValue\":\"Infinity\"}", "token_count_out_of_range"),
            ("{\"doubleValue\":1e300}", "token_count_out_of_range"),
            ("{\"doubleValue\":1.5}", "fractional_token_count"), ("{\"boolValue\":true}", "wrong_type"),
            (ClaudeTelemetry.string(canary), "not_a_number"),
            ("{\"intValue\":\"99999999999999999999\"}", "token_count_out_of_range"),
            ("{\"arrayValue\":{\"values\":[]}}", "wrong_type"),
        ]

        @Test func `bad input gets the right answer, the rest is counted, and no payload is kept`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            for (name, request, statuses) in try Self.table() {
                var connection = HTTPConnection(to: services.ingest, timeout: .seconds(120))
                let status = try connection.send(request).status
                #expect(statuses.contains(status), "\(name): \(status)")
            }
            for (index, bad) in Self.badCounts.enumerated() {
                let body = Self.good("req_bad_\(index)", extra: [("input_tokens", bad.json)])
                var connection = HTTPConnection(to: services.ingest, timeout: .seconds(120))
                let answer = try connection.send(.post("/v1/logs", "application/json", body))
                #expect(answer.status == 200)
                #expect(answer.text.contains("\"rejectedLogRecords\""), "\(bad.json)")
                #expect(answer.text.contains(bad.reason), "\(bad.json): \(answer.text)")
            }
            let extras = [
                ("prompt", ClaudeTelemetry.string(Self.canary)),
                ("tool_parameters", ClaudeTelemetry.string(Self.canary)),
                ("body", ClaudeTelemetry.string(Self.canary)),
            ]
            try services.deliver(Self.good("req_fine", extra: extras), to: "logs")
            try services.deliver(
                ClaudeTelemetry.log(
                    session: nil, model: "model-nobody-knows", request: "req_nameless", nanoseconds: Self.time,
                    tally: Self.unknownModelTally), to: "logs")
            let transcript = """
                {"type":"user","sessionId":"s","message":{"role":"user","content":"\(Self.canary)"}}
                {"type":"assistant","sessionId":"s","uuid":"u","timestamp":"2026-11-20T12:00:00Z","requestId":"req_t",\
                "message":{"id":"msg_t","model":"claude-opus-4-6","role":"assistant",\
                "content":[{"type":"text","text":"\(Self.canary)"}],\
                "usage":{"input_tokens":3,"output_tokens":4}}}
                {"type":"assistant","message":"\(Self.canary)"}
                \(Self.canary)

                """
            try services.deliver(Array(transcript.utf8), to: "transcripts/claude-code", type: "application/x-ndjson")

            let view = try services.settledLedger { $0.calls.count { $0.call.key.rawValue.contains("req_t") } == 1 }
            let charges = Dictionary(uniqueKeysWithValues: view.calls.map { ($0.call.key.rawValue, $0) })
            func charge(_ request: String) -> [String] { charges.keys.filter { $0.hasSuffix(":" + request) } }
            #expect(charge("req_fine").count == 1)
            #expect(charge("req_t").count == 1)
            let nameless = try #require(charge("req_nameless").first.flatMap { charges[$0] })
            #expect(nameless.rating.status == .unpriced)
            #expect(nameless.rating.cost == nil)
            #expect(nameless.call.tokens.uncachedInput == 77)
            #expect(!nameless.call.scope.isSessionKnown)
            for service in Service.allCases { #expect(services.isRunning(service), "\(service)") }

            #expect(charges.keys.allSatisfy { !$0.contains("req_bad") })
            let rejected = try services.metric("tollbook_ingest_rejected_records_total", of: .ingest)
            #expect(rejected > Double(Self.badCounts.count), "bad counts, and lines that are no records")
            #expect(try services.metric("tollbook_dedupe_dead_letters_total", of: .dedupe) == rejected)
            #expect(try services.metric("tollbook_dedupe_conservation_error", of: .dedupe) == 0)

            func files(holding text: String) -> [String] {
                services.files.filter { $0.bytes.range(of: Data(text.utf8)) != nil }.map(\.name)
            }
            let kept = files(holding: Self.canary)
            #expect(kept.isEmpty, "payload text was kept in \(kept)")
            #expect(!files(holding: "req_fine").isEmpty, "the search would find what is kept")
        }

        private static var unknownModelTally: Tally {
            var tally = Tally()
            tally.uncachedInput = 77
            tally.output = 5
            return tally
        }
    }
}
