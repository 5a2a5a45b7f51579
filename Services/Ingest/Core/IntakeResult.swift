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

    /// How many records were rejected.
    public var rejectedCount: Int { rejected.values.reduce(0, +) }

    /// The reasons and how often each was met, in one line; empty when nothing was rejected.
    public var rejectionSummary: String {
        rejected.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) (\($0.value))" }
            .joined(separator: ", ")
    }

    mutating func add(_ observations: [Observation]) {
        guard !observations.isEmpty else {
            ignored += 1
            return
        }
        accepted += 1
        for observation in observations { events.append(.observation(observation)) }
    }

    mutating func reject(
        _ id: ContentID, _ rejection: Rejection, _ channel: Channel, size: Int, _ context: ReadingContext
    ) {
        var letter = DeadLetter(
            id: id, tenant: context.tenant, stage: "ingest", reason: rejection.reason.rawValue,
            time: context.receivedTime)
        letter.harness = context.harness
        letter.channel = channel
        letter.field = rejection.field
        letter.size = Int64(size)
        rejected[rejection.reason, default: 0] += 1
        events.append(.deadLetter(letter))
    }
}
