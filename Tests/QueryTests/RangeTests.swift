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

    @Test(arguments: [
        ("since=2262-04-11T23:46:00Z", 0), ("until=2262-04-11T23:46:00Z", 385), ("since=1677-09-21T00:13:00Z", 385),
        ("until=1677-09-21T00:13:00Z", 0), ("since=2262-04-11&timezone=Pacific/Kiritimati", 0),
        ("since=1677-09-21T00:13:00Z&until=2262-04-11T23:46:00Z&timezone=America/New_York", 385),
    ])
    func `reach to the first and the last moment there is`(query: String, count: Int64) async throws {
        let (test, _) = try ledger()
        for groups in ["", "&group_by=day", "&group_by=hour", "&group_by=session", "&group_by=week,session"] {
            #expect(try await test.report(query + groups).totals.charges == count, "\(query + groups)")
        }
    }

    @Test func `have rows by local day`() async throws {
        let (test, charges) = try ledger()
        let zone = try #require(TimeZones.offsets(of: "Europe/Berlin"))
        let days = Dictionary(grouping: charges) { zone.day(of: $0.call.eventTime).description }.mapValues(\.count)
        let report = try await test.report("group_by=day&timezone=Europe/Berlin")
        #expect(Dictionary(uniqueKeysWithValues: report.rows.map { ($0.labels[0] ?? "", Int($0.usage.calls)) }) == days)
    }

    /// Around changes of clocks, the first Friday that Samoa left out, a leap day and a new year.
    private static let moments: [Int64] = [
        1_774_656_000, 1_775_311_200, 1_792_886_400, 1_325_203_200, 1_835_395_200, 1_798_718_400,
    ]

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Asia/Tokyo",
        "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    ])
    func `have the days of any zone, whether made of sums or of charges`(name: String) async throws {
        let test = try TestLedger()
        var charges: [Charge] = []
        for (index, moment) in Self.moments.enumerated() {
            // Every 47 minutes over three days and a half.
            for step in 0..<107 as Range<Int64> {
                let number = Int64(index) * 1000 + step + 1
                var charge = Charges.charge(
                    number, session: "s\(step / 40)", model: ["a", "b"][Int(step % 2)], output: number, computed: 7)
                charge.call.eventTime = Timestamp(seconds: moment + step * 2820)
                charges.append(charge)
            }
        }
        try test.commit(charges.map { [$0] })
        let zone = try #require(name == "UTC" ? .utc : TimeZones.offsets(of: name))
        func expected() -> [String: Usage] {
            charges.reduce(into: [:]) { days, charge in
                let day = zone.day(of: charge.call.eventTime).description
                days["\(day) \(charge.call.model ?? "")", default: Usage()] += ChargeFacts(charge).usage(.perCharge)
            }
        }
        func rows() async throws -> [String: Usage] {
            let report = try await test.report("group_by=day,model&limit=10000&timezone=\(name)")
            return Dictionary(
                uniqueKeysWithValues: report.rows.map { ("\($0.labels[0] ?? "") \($0.labels[1] ?? "")", $0.usage) })
        }
        #expect(try await rows() == expected())
        // What is in memory follows changes.
        var changed: [Charge] = []
        for index in charges.indices where index.isMultiple(of: 9) {
            charges[index].call.revision += 1
            charges[index].call.tokens.output = 1_000_000
            changed.append(charges[index])
        }
        try test.commit(changed.map { [$0] })
        #expect(try await rows() == expected())
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
