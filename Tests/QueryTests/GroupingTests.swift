import Ledger
import Metering
import Reporting
import Testing

@testable import QueryService

/// The same charges must give the same sums however they are grouped, in every zone, at any moment.
@Suite(.timeLimit(.minutes(30))) struct `Sums by every two groupings` {
    /// Around clock changes of several zones, a leap day, a turn of the year: seconds since the Unix epoch.
    private static let moments: [Int64] = [
        1_774_745_100,  // 2026-03-29, clocks go forward in Berlin and Beirut
        1_792_889_100,  // 2026-10-25, clocks go back in Berlin
        1_775_314_800,  // 2026-04-04, clocks go back by half an hour on Lord Howe
        1_835_394_300,  // 2028-02-28, the day before a leap day
        1_835_480_700,  // 2028-02-29
        1_798_761_000,  // 2026-12-31, the turn of the year
    ]
    private static let zones = [
        "UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe",
        "Pacific/Kiritimati",
    ]
    private static let groupings = [
        "", "hour", "day", "week", "month", "session", "model", "day,model", "hour,session", "week,user,channel",
        "month,project,status", "harness,provider,team,host,agent,caller,quality,branch,repository,tenant",
        "day,session",
    ]

    private func charge(_ number: Int64, revision: Int64, _ random: inout SplitMix) -> Charge {
        // Sessions run over midnight: their calls lie up to a day and a half after the moment they begin at.
        let session = Int64.random(in: 0..<12, using: &random)
        let start = Self.moments[Int(session) % Self.moments.count]
        var charge = Charges.charge(
            number, revision: revision, session: "s\(session)",
            harness: ["claude-code", "codex", "gemini-cli"].randomElement(using: &random) ?? "codex",
            model: ["claude-opus-4-6", "gpt-5", nil].randomElement(using: &random) ?? nil,
            at: start + Int64.random(in: -40_000...130_000, using: &random),
            output: .random(in: 0...5000, using: &random),
            reported: Bool.random(using: &random) ? Int64.random(in: 0...4_000_000_000_000, using: &random) : nil,
            computed: Bool.random(using: &random) ? Int64.random(in: 0...4_000_000_000_000, using: &random) : nil,
            quality: Int.random(in: 0..<40, using: &random) == 0 ? .aggregate : .exact)
        charge.call.eventTime = Timestamp(
            nanoseconds: charge.call.eventTime.nanoseconds + Int64.random(in: 0..<1_000_000_000, using: &random))
        charge.call.attribution.user = ["ada", "grace", nil].randomElement(using: &random) ?? nil
        charge.call.attribution.project = ["meter", "site", nil].randomElement(using: &random) ?? nil
        charge.call.attribution.caller = ["lead", "subagent", nil].randomElement(using: &random) ?? nil
        let channel: Channel = [.log, .span, .transcript].randomElement(using: &random) ?? .log
        charge.call.evidence = Evidence(items: [
            Evidence.Item(
                observation: ContentID(high: 1, low: UInt64(number)), channel: channel,
                eventTime: charge.call.eventTime, tokens: charge.call.tokens, cost: nil, verdict: .counted,
                rule: "sole-report")
        ])
        return charge
    }

    /// The sum of charges as the rules say it, counted by hand.
    private func sums(_ charges: some Sequence<Charge>, carriers: Set<String>) -> Usage {
        charges.reduce(into: Usage()) { sum, charge in
            let isAlone = carriers.contains(charge.call.scope.session + charge.call.scope.harness.rawValue)
            sum += ChargeFacts(charge).usage(isAlone ? .reportedAlone : .perCharge)
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `agree while the ledger grows, is restarted and has its clock changed`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let test = try TestLedger()
        var current: [Int64: Charge] = [:]
        for round in 0..<8 {
            let charges = (0..<30).map { _ in
                let number = Int64.random(in: 1...150, using: &random)
                let revision = (current[number]?.call.revision ?? 0) + 1
                let isBack = current[number] != nil && Int.random(in: 0..<10, using: &random) == 0
                let made =
                    isBack
                    ? Charges.retraction(number, revision: revision) : charge(number, revision: revision, &random)
                current[number] = made
                return [made]
            }
            // The service's own clock may jump; when charges count is theirs alone to say.
            try test.commit(charges, at: Timestamp(seconds: 1_795_200_000 - Int64(round) * 1_000_000))
            if round % 3 == 2 { try test.reopen() }
            try await check(test, current, zone: Self.zones[Int(seed) % Self.zones.count])
            try await check(test, current, zone: Self.zones.randomElement(using: &random) ?? "UTC")
        }
    }

    private func check(_ test: TestLedger, _ current: [Int64: Charge], zone: String) async throws {
        var carriers: Set<String> = []
        for charge in current.values where ChargeFacts(charge).marks.contains(.carriesScopeCost) {
            carriers.insert(charge.call.scope.session + charge.call.scope.harness.rawValue)
        }
        let expected = sums(current.values, carriers: carriers)
        for grouping in Self.groupings {
            let query = "timezone=\(zone)" + (grouping.isEmpty ? "" : "&group_by=\(grouping)")
            let report = try await test.report(query)
            #expect(report.totals == expected, "\(query)")
            #expect(report.rows.reduce(into: Usage()) { $0 += $1.usage } == report.totals, "\(query)")
        }
        let offsets = try #require(TimeZones.offsets(of: zone))
        let byDay = Dictionary(grouping: current.values.filter { ChargeFacts($0).marks.contains(.counted) }) {
            offsets.day(of: $0.call.eventTime).description
        }
        let days = try await test.report("group_by=day&timezone=\(zone)")
        #expect(days.rows.compactMap { $0.labels[0] } == byDay.keys.sorted(), "\(zone)")
        for row in days.rows {
            #expect(row.usage == sums(byDay[row.labels[0] ?? ""] ?? [], carriers: carriers), "\(zone)")
        }
        for day in byDay.keys.sorted().prefix(4) {
            let one = try await test.report("since=\(day)&until=\(day)&timezone=\(zone)&group_by=model")
            #expect(one.totals == sums(byDay[day] ?? [], carriers: carriers), "\(day) \(zone)")
        }
    }
}
