import Console
import FoundationEssentials
import Glibc
import Metering
import Settings

/// The clock of this machine, in a time zone.
enum LocalClock {
    /// The IANA name of this machine's time zone; `nil` where it has none.
    static var zoneName: String? {
        ZoneName.local(
            variable: Environment.text("TZ"),
            localtimeTarget: try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime"))
    }

    /// Shows times in another zone from now on; `nil` changes nothing.
    static func use(zone: String?) {
        guard let zone else { return }
        setenv("TZ", zone, 1)
        tzset()
    }

    /// The date of a time.
    static func day(_ time: Timestamp) -> CivilDay {
        let parts = parts(of: time)
        return CivilDay(year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
            ?? CivilDay(daysSinceEpoch: Int(time.seconds / 86_400))
    }

    /// A time as `2026-05-18 14:00`.
    static func text(_ time: Timestamp) -> String {
        let parts = parts(of: time)
        return "\(day(time)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
    }

    /// A time of day as `14:00:09`.
    static func timeOfDay(_ time: Timestamp) -> String {
        let parts = parts(of: time)
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    private static func parts(of time: Timestamp) -> tm {
        var seconds = time_t(time.seconds)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
