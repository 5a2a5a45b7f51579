import Glibc
public import Metering

extension Timestamp {
    /// The present moment by this machine's clock, which people and NTP may set forth and back.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * nanosecondsPerSecond + Int64(time.tv_nsec))
    }
}
