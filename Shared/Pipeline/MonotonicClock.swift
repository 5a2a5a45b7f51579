import Glibc

/// A moment on a clock that never jumps, in nanoseconds from an arbitrary start.
public struct MonotonicInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's start.
    public let nanoseconds: Int64

    /// Takes nanoseconds since the clock's start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment a duration later, at the end of time at most.
    public static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
        let (seconds, attoseconds) = duration.components
        let added = Int128(instant.nanoseconds) + Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)
        return MonotonicInstant(nanoseconds: Int64(clamping: added))
    }

    /// The time from the right moment to the left one.
    public static func - (later: MonotonicInstant, earlier: MonotonicInstant) -> Duration {
        .nanoseconds(later.nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// Whether the left moment is the earlier one.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// The source of time for timeouts; injected, so that a test or a simulation can be the clock.
public struct MonotonicClock: Sendable {
    private let read: @Sendable () -> MonotonicInstant

    /// Makes a clock of a function whose answers never go back.
    public init(_ read: @escaping @Sendable () -> MonotonicInstant) {
        self.read = read
    }

    /// The present moment.
    public var now: MonotonicInstant { read() }

    /// The host's monotonic clock.
    public static let system = MonotonicClock {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
