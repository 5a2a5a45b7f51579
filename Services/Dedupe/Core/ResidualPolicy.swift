/// What is done with what the aggregates of a session say beyond its calls.
public enum ResidualPolicy: String, CaseIterable, Hashable, Sendable {
    /// It is shown in the session's reconciliation and not counted.
    case authority
    /// It is booked as one estimated call of the session, which shrinks as calls arrive.
    case fill
}
