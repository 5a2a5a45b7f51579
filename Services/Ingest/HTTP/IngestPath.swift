import Harnesses

/// What a request's path asks for, as far as answers and metrics need to know.
enum IngestPath: Hashable, Sendable {
    case otlp(OTLPSignal)
    case transcripts
    case results
    case events
    case responses
    case observations
    case observationSchema
    /// The operator's routes, and what does not exist.
    case other

    init(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.count >= 2, parts[0] == "v1" else {
            self = .other
            return
        }
        if parts.count == 2, let signal = OTLPSignal(rawValue: String(parts[1])) {
            self = .otlp(signal)
        } else if parts.count == 3, parts[1] == "transcripts" {
            self = .transcripts
        } else if parts.count == 3, parts[1] == "results" {
            self = .results
        } else if parts.count == 2, parts[1] == "events" {
            self = .events
        } else if parts.count == 3, parts[1] == "responses" {
            self = .responses
        } else if parts.count == 2, parts[1] == "observations" {
            self = .observations
        } else if parts.count == 3, parts[1] == "observations", parts[2] == "schema" {
            self = .observationSchema
        } else {
            self = .other
        }
    }

    /// The name in metrics.
    var name: String {
        switch self {
        case .otlp(let signal): signal.rawValue
        case .transcripts: "transcripts"
        case .results: "results"
        case .events: "events"
        case .responses: "responses"
        case .observations: "observations"
        case .observationSchema: "observation_schema"
        case .other: "other"
        }
    }
}
