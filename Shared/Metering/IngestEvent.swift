/// One event from ingest to dedupe.
public enum IngestEvent: Hashable, Sendable {
    /// Usage.
    case observation(Observation)
    /// Input that could not be used.
    case deadLetter(DeadLetter)
}
