import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing
import Wire

extension EndToEndTests {
    /// The same charges give the same sums however they are read.
    ///
    /// From the real service, killed on the way and with its clock moved, by every two groupings, through every report and
    /// export, in zones with days of 23 and 25 hours, of half hours, and with a day that never was. What the sums must be is
    /// counted by a script with a calendar of its own.
    @Suite struct SumTests {
        private static let year = Duration.seconds(365 * 86_400)

        /// Where something happens to days: seconds since the Unix epoch.
        private static let moments: [Int64] = [
            1_774_745_100,  // 2026-03-29, clocks go forward in Berlin and Beirut
            1_792_889_100,  // 2026-10-25, clocks go back in Berlin
            1_775_314_800,  // 2026-04-04, clocks go back by half an hour on Lord Howe, by one in Chatham
            1_793_511_000,  // 2026-11-01, clocks go back in New York, St. John's and, at midnight, in Havana
            1_790_435_700,  // 2026-09-26, clocks go forward in Chatham
            1_835_480_700,  // 2028-02-29, a leap day
            1_798_761_000,  // 2026-12-31, the turn of the year
            1_325_239_200,  // 2011-12-30, when Apia's clocks went from the end of the 29th to the 31st
        ]

        @Test func `agree by every two groupings, over kills of the service and moves of its clock`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let host = try HostFaults(path: folder.path + "/query.faults")
            let services = try RunningServices(hosts: [.query: host], services: [.query])
            defer { services.shutDown() }
            var random = SeededRandom(seed: 20_261_128)
            var standing: [Int64: Charge] = [:]

            let stream = "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1b01"
            let first = Self.changes(&standing, &random)
            try services.store(first, stream: stream)
            try Self.check(services, standing, "some", zone: "Australia/Lord_Howe", in: folder.path)

            // The clock is set forward by years while the service runs, and it is killed while it takes in.
            host.setClockOffset(Self.year * 3)
            #expect(try Self.clockOf(services) > Date().addingTimeInterval(2 * 365 * 86_400))
            let more = Self.changes(&standing, &random)
            let all = Int64(first.count + more.count)
            try services.send(more, stream: stream, from: first.count + 1, untilChange: Int64(first.count) + 1)
            try services.killAndRestart(.query)
            try services.waitUntilReady(.query)
            try services.send(more, stream: stream, from: first.count + 1, untilChange: all)
            #expect(try services.lastChange() == all)
            try Self.check(services, standing, "some", zone: "Asia/Kathmandu", in: folder.path)

            // Set back to before most of the charges, which then lie in the future.
            host.setClockOffset(Self.year * -20)
            try services.store(Self.changes(&standing, &random), stream: stream, from: Int(all) + 1)
            try services.stop(.query)
            try services.start(.query)
            try services.waitUntilReady(.query)
            try Self.check(services, standing, "all", zone: "Pacific/Apia", in: folder.path)
        }

        /// New charges, revisions of older ones, and some that are taken back.
        private static func changes(_ standing: inout [Int64: Charge], _ random: inout SeededRandom) -> [Charge] {
            (0..<260).map { _ in
                let number = Int64.random(in: 1...400, using: &random)
                let revision = (standing[number]?.call.revision ?? 0) + 1
                var made = charge(number, revision: revision, &random)
                made.call.isRetracted = revision > 1 && Int.random(in: 0..<8, using: &random) == 0
                standing[number] = made
                return made
            }
        }

        private static func charge(_ number: Int64, revision: Int64, _ random: inout SeededRandom) -> Charge {
            func one<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
            // A call's session does not change with its revisions; sessions run over midnight, and over the moment.
            let session = Int(number) % 24
            let seconds = moments[session % moments.count] + Int64.random(in: -60_000...90_000, using: &random)
            var call = Call(
                number: number, key: CallKey(space: "test", kind: .request, value: "\(number)"), revision: revision,
                reason: revision == 1 ? .first : .update,
                scope: Scope(
                    tenant: "default", harness: Harness(rawValue: ["claude-code", "codex", "gemini-cli"][session % 3]),
                    session: "s\(session)"),
                eventTime: Timestamp(
                    nanoseconds: seconds * 1_000_000_000 + Int64.random(in: 0..<1_000_000_000, using: &random)),
                tokens: TokenCounts(
                    uncachedInput: .random(in: 0...900, using: &random),
                    cacheRead: one([nil, .random(in: 0...90_000, using: &random)]),
                    cacheWrite5m: one([nil, 70]), cacheWrite1h: one([nil, 7]), cacheWrite: one([nil, nil, 5]),
                    output: .random(in: 1...5000, using: &random), reasoning: one([nil, 1])),
                quality: one([.exact, .exact, .exact, .merged, .estimated, .exact, .exact, .exact, .exact, .aggregate]))
            call.model = one(["claude-opus-4-6", "gpt-5", nil])
            call.provider = one([.anthropic, Provider(rawValue: "openai"), nil])
            call.reportedCost = one([nil, Amount(picodollars: .random(in: 0...4_000_000_000_000, using: &random))])
            call.attribution.project = one(["meter", "site", "a, \"b\"", nil])
            call.attribution.repository = one(["github.com/acme/app", nil])
            call.attribution.branch = one(["main", nil])
            call.attribution.user = one(["ada", "grace", nil])
            call.attribution.team = one(["platform", nil])
            call.attribution.host = one(["vm", nil])
            call.attribution.agentName = one(["Explore", nil])
            call.attribution.caller = one(["lead", "subagent", "title", nil])
            call.evidence = Evidence(items: [
                Evidence.Item(
                    observation: ContentID(high: UInt64(revision), low: UInt64(number)), channel: one([.log, .span]),
                    eventTime: call.eventTime, tokens: call.tokens, cost: nil, verdict: .counted, rule: "sole-report")
            ])
            let cost = one([nil, Amount(picodollars: .random(in: 0...4_000_000_000_000, using: &random))])
            var rating = Rating(status: cost == nil ? .unpriced : .priced, cost: cost)
            rating.costByClass = cost.map { [.output: $0] } ?? [:]
            return Charge(call: call, rating: rating)
        }

        /// Reads everything by the script, and compares it with what stands.
        private static func check(
            _ services: RunningServices, _ standing: [Int64: Charge], _ extent: String, zone: String, in folder: String
        ) throws {
            var text: [UInt8] = []
            for charge in standing.values where !charge.call.isRetracted {
                var json = JSONWriter()
                json.charge(charge)
                text += json.bytes + [UInt8(ascii: "\n")]
            }
            let path = folder + "/charges.jsonl"
            try Data(text).write(to: URL(filePath: path))
            let run = try Command(
                EndToEndTests.python,
                [
                    "-B", try EndToEndTests.script("check_sums.py", in: "Reports"), services.query.description, path,
                    zone, extent, RunningServices.productsFolder + "/tollbook",
                ], environment: ["NO_COLOR": "1", "TZ": "UTC"])
            #expect(run.status == 0, "\(zone): \(run.output.suffix(3000))\(run.errors.suffix(3000))")
        }

        /// The time of day as the service sees it.
        private static func clockOf(_ services: RunningServices) throws -> Date {
            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let answer = try connection.send(.get("/v1/blocks?active=true"))
            var now: Timestamp?
            var json = JSONReader(answer.body)
            try json.object { key, json throws(JSONError) in
                if case "now" = key { now = Timestamp(rfc3339: try json.string()) } else { try json.skip() }
            }
            return Date(timeIntervalSince1970: Double(try #require(now).seconds))
        }
    }
}
