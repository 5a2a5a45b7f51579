import Metering
import Testing

@Suite struct `A timestamp` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T00:35:43.980Z", 1_795_221_343_980_000_000),
            ("2026-11-21T01:35:43.980+01:00", 1_795_221_343_980_000_000), ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2000-02-29t12:00:00.000000001z", 951_825_600_000_000_001),
            ("2024-02-29 23:30:00-00:30", 1_709_251_200_000_000_000),
        ] as [(String, Int64)])
    func `reads RFC 3339`(text: String, nanoseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "9999-01-01T00:00:00Z", "2026-01-01T00:00:00+25:00",
    ])
    func `refuses what is not a date and time`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        0, 1, -1, 1_795_221_343_980_000_000, 951_825_600_000_000_001, 1_000, -86_400_000_000_000, .max, .min,
    ])
    func `reads back what it writes`(nanoseconds: Int64) {
        let timestamp = Timestamp(nanoseconds: nanoseconds)
        #expect(Timestamp(rfc3339: timestamp.description) == timestamp)
    }

    @Test func `moves by durations, to the ends of time and no further`() {
        let start = Timestamp(seconds: 100)
        #expect(start.advanced(by: .milliseconds(1500)).nanoseconds == 101_500_000_000)
        #expect(start.advanced(by: .milliseconds(-1500)).nanoseconds == 98_500_000_000)
        #expect(Timestamp(nanoseconds: .max).advanced(by: .nanoseconds(1)).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min).advanced(by: .seconds(-1)).nanoseconds == .min)
    }

    @Test func `counts every day of four centuries`() {
        var previous = CivilDay(year: 1899, month: 12, day: 31)?.daysSinceEpoch
        for year in 1900..<2300 {
            for month in 1...12 {
                for day in 1...CivilDay.length(ofMonth: month, year: year) {
                    let civil = CivilDay(year: year, month: month, day: day)
                    #expect(civil?.daysSinceEpoch == previous.map { $0 + 1 })
                    #expect(civil.map { [$0.date.year, $0.date.month, $0.date.day] } == [year, month, day])
                    previous = civil?.daysSinceEpoch
                }
            }
        }
        #expect(CivilDay(year: 2026, month: 11, day: 21)?.weekday == 6)
        #expect(CivilDay("20261121")?.description == "2026-11-21")
        for text in ["2026-11-31", "2026112-1", "-2026-1121", "+2026112", "2026-11-2a", "", "2026-1-1"] {
            #expect(CivilDay(text) == nil, "\(text)")
        }
    }
}
