import Ledger
import Metering
import Reporting
import Testing

@testable import QueryService

@Suite struct `Ranges of the ledger` {
    private static let start: Int64 = 1_774_656_000  // 2026-03-28T00:00:00Z, the day before Berlin's clocks go forward

    private func ledger() throws -> (TestLedger, [Charge]) {
        let test = try TestLedger()
        var charges: [Charge] = []
        // Every 1,234.5 seconds over five days and a half, in sessions that overlap.
        for number in 1...385 as ClosedRange<Int64> {
            var charge = Charges.charge(
                number, session: "s\(number / 9 % 12)", model: ["a", "b", nil][Int(number % 3)], output: number,
                computed: number)
            charge.call.eventTime = Timestamp(nanoseconds: Self.start * 1_000_000_000 + number * 1_234_500_000_000)
            charges.append(charge)
        }
        try test.commit(charges.map { [$0] })
        return (test, charges)
    }

    @Test(arguments: [
        "since=2026-03-29&until=2026-03-29", "since=2026-03-29&until=2026-03-29&timezone=Europe/Berlin",
        "since=2026-03-28T10:07:03Z&until=2026-03-31T23:59:59.999Z",
        "since=2026-03-28T10:07:03Z&until=2026-03-28T10:14:59Z",
        "since=2026-03-30&timezone=Asia/Kolkata", "until=2026-03-30T00:00:01Z", "since=2026-03-29&model=a,(none)",
        "since=2026-03-29T07:00:00Z&session=s3,s4",
    ])
    func `hold exactly the charges of the range, however they are cut`(query: String) async throws {
        let (test, charges) = try ledger()
        let request = try await test.report(query).request
        let inside = charges.filter { charge in
            let time = charge.call.eventTime
            return (request.since.map { time >= $0 } ?? true) && (request.until.map { time < $0 } ?? true)
                && request.filter.admits(DimensionValues(charge))
                && (request.filter.sessions.isEmpty || request.filter.sessions.contains(charge.call.scope.session))
        }
        #expect(!inside.isEmpty || query.contains("10:14:59"))
        let expected = inside.reduce(into: Usage()) { $0 += ChargeFacts($1).usage(.perCharge) }
        for groups in ["", "group_by=session", "group_by=day", "group_by=hour,model", "group_by=week,session,status"] {
            let report = try await test.report(query + (groups.isEmpty ? "" : "&" + groups))
            #expect(report.totals == expected, "\(groups)")
            #expect(report.rows.reduce(into: Usage()) { $0 += $1.usage } == expected, "\(groups)")
        }
    }

    @Test func `have rows by local day`() async throws {
        let (test, charges) = try ledger()
        let zone = try #require(TimeZones.offsets(of: "Europe/Berlin"))
        let days = Dictionary(grouping: charges) { zone.day(of: $0.call.eventTime).description }.mapValues(\.count)
        let report = try await test.report("group_by=day&timezone=Europe/Berlin")
        #expect(Dictionary(uniqueKeysWithValues: report.rows.map { ($0.labels[0] ?? "", Int($0.usage.calls)) }) == days)
    }

    @Test(arguments: ["Europe/Berlin", "Asia/Kolkata", "Asia/Beirut", "America/New_York", "Australia/Lord_Howe"])
    func `know every zone's offsets`(name: String) throws {
        #expect(TimeZones.offsets(of: name)?.name == name)
        #expect(TimeZones.offsets(of: "Mars/Base") == nil)
        #expect(TimeZones.offsets(of: "../../etc/passwd") == nil)
    }

    @Test func `know when clocks change`() throws {
        let berlin = try #require(TimeZones.offsets(of: "Europe/Berlin"))
        #expect(berlin.offset(at: 1_774_745_999) == 3600)
        #expect(berlin.offset(at: 1_774_746_000) == 7200)
        #expect(berlin.offset(at: 1_792_889_999) == 7200)
        #expect(berlin.offset(at: 1_792_890_000) == 3600)
    }
}
