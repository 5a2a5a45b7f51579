import Glibc
import Metering

/// The time of day.
enum WallClock {
    /// The present moment, to the nanosecond as far as the host tells it.
    @Sendable static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
