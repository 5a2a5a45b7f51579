/// One event from ingest to dedupe.
public enum IngestEvent: Hashable, Sendable {
    /// Usage.
    case observation(Observation)
    /// Input that could not be used.
    case deadLetter(DeadLetter)

    /// The identity of what it tells of.
    public var id: ContentID {
        switch self {
        case .observation(let observation): observation.id
        case .deadLetter(let letter): letter.id
        }
    }

    /// Whose data it is.
    public var tenant: String {
        get {
            switch self {
            case .observation(let observation): observation.tenant
            case .deadLetter(let letter): letter.tenant
            }
        }
        set {
            switch self {
            case .observation(var observation):
                observation.tenant = newValue
                self = .observation(observation)
            case .deadLetter(var letter):
                letter.tenant = newValue
                self = .deadLetter(letter)
            }
        }
    }
}
