public import Metering

/// What became of the records of one request.
public struct IntakeResult: Sendable {
    /// What is to be sent on: an observation for each call or point, a dead letter for each rejected record.
    public internal(set) var events: [IngestEvent] = []
    /// Records that gave observations.
    public internal(set) var accepted = 0
    /// Records that report no usage.
    public internal(set) var ignored = 0
    /// Records that report usage and cannot be used, by reason.
    public internal(set) var rejected: [RejectionReason: Int] = [:]

    /// Records that were taken although something in them had to be put right, by reason.
    public internal(set) var corrected: [RejectionReason: Int] = [:]

    /// What was wrong with which of the items of a list, the first ``maximumFaults`` of them.
    public internal(set) var faults: [ItemFault] = []
    /// The most faults that are told apart.
    public static let maximumFaults = 100

    /// What was wrong with one item of a list.
    public struct ItemFault: Hashable, Sendable {
        /// The item's place in the list, from 0.
        public let index: Int
        /// What was wrong.
        public let reason: RejectionReason
        /// The member at fault; a name from our own code.
        public let field: String?
    }

    /// How many records were rejected.
    public var rejectedCount: Int { rejected.values.reduce(0, +) }

    /// The reasons and how often each was met, in one line; empty when nothing was rejected.
    public var rejectionSummary: String {
        rejected.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) (\($0.value))" }
            .joined(separator: ", ")
    }

    /// Makes everything a tenant's data.
    public mutating func assign(to tenant: String) {
        for index in events.indices { events[index].tenant = tenant }
    }

    mutating func add(_ observations: [Observation]) {
        guard !observations.isEmpty else {
            ignored += 1
            return
        }
        accepted += 1
        for observation in observations { events.append(.observation(observation)) }
    }

    /// What nothing was read of yet.
    public init() {}

    /// Takes in the records of another part.
    public mutating func add(contentsOf other: IntakeResult) {
        events += other.events
        accepted += other.accepted
        ignored += other.ignored
        rejected.merge(other.rejected, uniquingKeysWith: +)
        corrected.merge(other.corrected, uniquingKeysWith: +)
    }

    mutating func addFault(_ index: Int, _ rejection: Rejection) {
        guard faults.count < Self.maximumFaults else { return }
        faults.append(ItemFault(index: index, reason: rejection.reason, field: rejection.field))
    }

    /// The same with those events alone that a closure keeps.
    public func filtered(_ isKept: (IngestEvent) -> Bool) -> IntakeResult {
        var filtered = self
        filtered.events = events.filter(isKept)
        return filtered
    }

    mutating func reject(
        _ id: ContentID, _ rejection: Rejection, _ channel: Channel, size: Int, _ context: ReadingContext
    ) {
        rejected[rejection.reason, default: 0] += 1
        append(id, rejection, channel, size, context)
    }

    /// Leaves a trace of what had to be put right in a record that was taken.
    mutating func note(
        _ id: ContentID, _ rejection: Rejection, _ channel: Channel, size: Int, _ context: ReadingContext
    ) {
        corrected[rejection.reason, default: 0] += 1
        append(id, rejection, channel, size, context)
    }

    private mutating func append(
        _ id: ContentID, _ rejection: Rejection, _ channel: Channel, _ size: Int, _ context: ReadingContext
    ) {
        var letter = DeadLetter(
            id: id, tenant: context.tenant, stage: "ingest", reason: rejection.reason.rawValue,
            time: context.receivedTime)
        letter.harness = context.harness
        letter.channel = channel
        letter.field = rejection.field
        letter.size = Int64(size)
        events.append(.deadLetter(letter))
    }
}
