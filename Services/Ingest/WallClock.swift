import FoundationEssentials
import Metering

/// The time of day.
enum WallClock {
    /// The present moment, to the microsecond.
    @Sendable static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1000)
    }
}
