public import Metering

/// What is known of a run of an agent's command besides what it prints.
public struct Invocation: Hashable, Sendable {
    /// A name of the run that no other run has; it keeps runs apart whose output names no conversation.
    ///
    /// It is hashed, not kept.
    public var run: String?
    /// The conversation that the command was told to go on with, or to fork from.
    public var parentSession: String?
    /// When the command began.
    public var startTime: Timestamp?
    /// When the command ended: the time of what its output sums up, which itself names none.
    public var endTime: Timestamp?

    /// Describes a run; what is not known is left out.
    public init(
        run: String? = nil, parentSession: String? = nil, startTime: Timestamp? = nil, endTime: Timestamp? = nil
    ) {
        self.run = run
        self.parentSession = parentSession
        self.startTime = startTime
        self.endTime = endTime
    }
}
