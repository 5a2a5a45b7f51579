import Metering
import Pipeline

/// Which scopes wait for their calls before their aggregates are published, and until when.
///
/// Each new aggregate begins the grace period anew, up to four of them in a row: a scope that never rests is published
/// all the same. Grace keeps noise away, not errors: what is published too early is revised.
struct GraceTimer {
    /// How many grace periods a scope may wait in a row.
    static let maximumExtension = 4

    private struct Wait {
        let since: MonotonicInstant
        var until: MonotonicInstant
    }

    private let grace: Duration
    private var waits: [Scope: Wait] = [:]
    /// The earliest end of a wait, or a moment before it.
    private(set) var deadline: MonotonicInstant?

    init(grace: Duration) {
        self.grace = grace
    }

    /// How many scopes wait.
    var count: Int { waits.count }

    /// Notes that a scope has an aggregate that is not published.
    mutating func wait(for scope: Scope, at now: MonotonicInstant) {
        let since = waits[scope]?.since ?? now
        let until = min(now + grace, since + grace * Self.maximumExtension)
        waits[scope] = Wait(since: since, until: until)
        deadline = min(deadline ?? until, until)
    }

    /// Takes out the scopes whose wait is over.
    ///
    /// - Parameter limit: the most to take, so that one commit stays short.
    mutating func due(at now: MonotonicInstant, limit: Int) -> [Scope] {
        guard let deadline, deadline <= now else { return [] }
        let due = Array(waits.lazy.filter { $0.value.until <= now }.map(\.key).prefix(limit))
        for scope in due { waits[scope] = nil }
        self.deadline = waits.values.map(\.until).min()
        return due
    }
}
