import Foundation
import Metering
import Reporting
import Synchronization

/// IANA time zones as tables of offsets.
enum TimeZones {
    /// The first and last year whose changes are looked up; the offset at either end holds beyond it.
    private static let years = 1990...2100
    private static let known = Mutex<[String: ZoneOffsets]>([:])

    /// The names of all zones, in order.
    static var names: [String] { Set(TimeZone.knownTimeZoneIdentifiers + ["UTC"]).sorted() }

    /// The offsets of a zone; `nil` where there is no such zone.
    static func offsets(of name: String) -> ZoneOffsets? {
        if name == "UTC" { return .utc }
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard TimeZone.knownTimeZoneIdentifiers.contains(name) || name.contains("/"),
            let zone = TimeZone(identifier: name)
        else { return nil }
        let offsets = table(of: zone, name)
        known.withLock { $0[name] = offsets }
        return offsets
    }

    private static func table(of zone: TimeZone, _ name: String) -> ZoneOffsets {
        let start = CivilDay(year: years.lowerBound, month: 1, day: 1).map { $0.daysSinceEpoch * 86_400 } ?? 0
        let end = CivilDay(year: years.upperBound, month: 1, day: 1).map { $0.daysSinceEpoch * 86_400 } ?? 0
        var time = Date(timeIntervalSince1970: Double(start))
        let first = zone.secondsFromGMT(for: time)
        var changes: [ZoneOffsets.Span] = []
        while let next = zone.nextDaylightSavingTimeTransition(after: time), next > time,
            next.timeIntervalSince1970 < Double(end)
        {
            let offset = zone.secondsFromGMT(for: next)
            changes.append(ZoneOffsets.Span(start: Int64(next.timeIntervalSince1970), offset: Int64(offset)))
            time = next
        }
        return ZoneOffsets(name: name, offset: Int64(first), changes: changes)
    }
}
