public import Metering

/// Times as reports write them.
public enum TimeText {
    /// A time in UTC with milliseconds, as JavaScript writes it: `2026-01-03T23:30:00.000Z`.
    public static func milliseconds(_ time: Timestamp) -> String {
        let milliseconds = String(positiveRemainder(time.nanoseconds / 1_000_000, 1000))
        let zeros = String(repeating: "0", count: 3 - milliseconds.count)
        return Timestamp(seconds: time.seconds).description.dropLast() + "." + zeros + milliseconds + "Z"
    }

    /// A number of minutes as `2h 45m` or `45m`.
    public static func hours(minutes: Int64) -> String {
        minutes >= 60 ? "\(minutes / 60)h \(minutes % 60)m" : "\(minutes)m"
    }

    private static func positiveRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
