import Metering
import Pipeline
import Reconciliation

/// When calls that rest are compacted: all of them once a day, a few in each pause between batches.
struct CompactionSchedule {
    /// The most calls looked at in one commit.
    static let batch = 256
    /// How long the stage rests between two commits.
    static let pause = Duration.milliseconds(50)

    /// Days after which a scope that nothing happened in rests; `nil` for never.
    private let idleDays: Int64?
    private var doneDay: Int64?
    private var position: CallNumber = 0
    private var next: MonotonicInstant?

    init(idleDays: Int64?) {
        self.idleDays = idleDays
    }

    /// What to compact now: scopes resting since a day, after a call; `nil` for nothing.
    func due(at now: MonotonicInstant, today: Int64) -> (day: Int64, after: CallNumber)? {
        guard let idleDays, doneDay != today, next.map({ $0 <= now }) ?? true else { return nil }
        return (today - idleDays, position)
    }

    /// When there is something to compact again; `nil` for not before a new day, which any commit notices.
    var deadline: MonotonicInstant? { next }

    /// Notes how far a commit came; `nil` for the end.
    mutating func advance(to call: CallNumber?, at now: MonotonicInstant, today: Int64) {
        position = call ?? 0
        next = call == nil ? nil : now + Self.pause
        if call == nil { doneDay = today }
    }
}
