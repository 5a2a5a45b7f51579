public import Metering

/// The hours of the week in which a price holds, in a fixed offset from UTC.
public struct PriceWindow: Hashable, Sendable, CustomStringConvertible {
    /// Days of the week, Monday 1 to Sunday 7.
    public var days: Set<Int>
    /// Minutes of the day, each range closed before its end.
    public var hours: [Range<Int>]
    /// Seconds east of UTC in which days and hours are told.
    public var offset: Int64
    /// Days on which the price does not hold, such as public holidays.
    public var exceptions: Set<CivilDay>

    /// Tells whether an instant lies in the window.
    public func contains(_ instant: Timestamp) -> Bool {
        let local = instant.seconds + offset
        var (dayNumber, second) = local.quotientAndRemainder(dividingBy: 86_400)
        if second < 0 {
            dayNumber -= 1
            second += 86_400
        }
        let day = CivilDay(daysSinceEpoch: Int(dayNumber))
        let weekday = day.weekday == 0 ? 7 : day.weekday
        guard days.contains(weekday), !exceptions.contains(day) else { return false }
        let minute = Int(second / 60)
        return hours.contains { $0.contains(minute) }
    }

    /// The window for people: `Mon-Fri 09:00-12:00 14:00-18:00 +08:00`.
    public var description: String {
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let sorted = days.sorted()
        var parts: [String] = []
        if sorted.count < 7, let first = sorted.first, let last = sorted.last {
            let isRun = last - first + 1 == sorted.count && sorted.count > 2
            parts.append(
                isRun ? names[first - 1] + "-" + names[last - 1] : sorted.map { names[$0 - 1] }.joined(separator: ","))
        }
        parts += hours.map { Self.clock($0.lowerBound) + "-" + Self.clock($0.upperBound) }
        parts.append(offsetText)
        if !exceptions.isEmpty { parts.append("except \(exceptions.count) days") }
        return parts.joined(separator: " ")
    }

    /// The offset as `+08:00`.
    var offsetText: String { (offset < 0 ? "-" : "+") + Self.clock(Int(abs(offset) / 60)) }

    /// Minutes of the day as `09:30`.
    static func clock(_ minutes: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return two(minutes / 60) + ":" + two(minutes % 60)
    }

    /// Tells whether two windows may share an instant; windows told in different offsets are taken to.
    func mayOverlap(_ other: PriceWindow) -> Bool {
        guard offset == other.offset else { return true }
        guard !days.isDisjoint(with: other.days) else { return false }
        return hours.contains { mine in other.hours.contains { mine.overlaps($0) } }
    }
}
