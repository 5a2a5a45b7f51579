import Metering
import Reporting
import Testing

@Suite struct `Time zones` {
    @Test(arguments: [
        ("UTC", "2026-03-29", "2026-03-29T00:00:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z"),
        ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z"),
        ("Asia/Kolkata", "2028-02-29", "2028-02-28T18:30:00Z"),
        // Midnight does not exist on this day: it begins at one o'clock.
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        ("Asia/Beirut", "2026-03-30", "2026-03-29T21:00:00Z"),
    ])
    func `a day begins at local midnight`(zone: String, day: String, start: String) throws {
        let offsets = try #require(Samples.zone(zone))
        let civil = try #require(CivilDay(day))
        #expect(offsets.start(of: civil).description == start)
        #expect(offsets.day(of: offsets.start(of: civil)) == civil)
        let before = Timestamp(seconds: offsets.start(of: civil).seconds - 1)
        #expect(offsets.day(of: before).daysSinceEpoch == civil.daysSinceEpoch - 1)
    }

    @Test func `days of a change have 23 and 25 hours`() throws {
        func hours(_ day: String) throws -> Int64 {
            let first = try #require(CivilDay(day))
            let next = CivilDay(daysSinceEpoch: first.daysSinceEpoch + 1)
            return (Samples.berlin.start(of: next).seconds - Samples.berlin.start(of: first).seconds) / 3600
        }
        #expect(try hours("2026-03-28") == 24)
        #expect(try hours("2026-03-29") == 23)
        #expect(try hours("2026-10-25") == 25)
    }

    @Test func `stretches are cut where the offset changes and cover the whole range`() {
        let stretches = Samples.berlin.stretches(from: 1_774_700_000, to: 1_800_000_000)
        #expect(stretches.map(\.offset) == [3600, 7200, 3600])
        #expect(stretches.first?.start == 1_774_700_000)
        #expect(stretches.last?.end == 1_800_000_000)
        for (earlier, later) in zip(stretches, stretches.dropFirst()) { #expect(earlier.end == later.start) }
        #expect(Samples.berlin.stretches(from: .min, to: .max).count == 3)
        #expect(Samples.berlin.stretches(from: 5, to: 5).isEmpty)
    }
}
