import Foundation
import Metering
import Reporting
import Testing

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `Tables of time zones` {
    @Test func `say of every zone what its rules say, winter and summer, over many years`() throws {
        #expect(TimeZones.names.count > 400)
        var wrong: [String] = []
        for name in TimeZones.names {
            let (offsets, zone) = (try #require(TimeZones.offsets(of: name)), try #require(TimeZone(identifier: name)))
            // A prime number of days, so that no day of the year is passed over for ever.
            for seconds in stride(from: Int64(946_684_800), to: 2_145_916_800, by: 67 * 86_400) {
                let rule = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
                if offsets.offset(at: seconds) != Int64(rule) { wrong.append("\(name) at \(seconds)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count), such as \(wrong.prefix(5))")
    }

    /// Of days that are not as others, by the tables of the IANA.
    @Test(arguments: [
        // zone, day, its first instant, hours and minutes to the next day's
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23, 0),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25, 0),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24, 30),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", 23, 30),
        ("Asia/Kathmandu", "2028-02-29", "2028-02-28T18:15:00Z", 24, 0),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", 23, 0),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25, 0),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 24, 0),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0, 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24, 0),
    ])
    func `know where a day begins and how long it is`(
        zone: String, day: String, start: String, hours: Int, minutes: Int
    ) throws {
        let offsets = try #require(TimeZones.offsets(of: zone))
        let first = try #require(CivilDay(day))
        let begin = offsets.start(of: first)
        #expect(begin == Timestamp(rfc3339: start))
        let end = offsets.start(of: CivilDay(daysSinceEpoch: first.daysSinceEpoch + 1))
        #expect(end.seconds - begin.seconds == Int64(hours * 3600 + minutes * 60))
        guard end > begin else { return }
        #expect(offsets.day(of: begin) == first)
        #expect(offsets.day(of: Timestamp(nanoseconds: end.nanoseconds - 1)) == first)
    }
}
