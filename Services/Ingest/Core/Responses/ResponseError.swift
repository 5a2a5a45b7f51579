public import Wire

/// Why nothing of a body with providers' answers is taken.
public enum ResponseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// That provider's answers are not read.
    case unknownProvider
    /// The body is not JSON.
    case json(JSONError)
    /// The body holds more answers than one request may.
    case tooManyAnswers(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownProvider:
            "answers of this provider are not read; the last part of the path is one of "
                + ProviderCatalog.standard.names.joined(separator: ", ")
        case .json(let error): "the body is not JSON: \(error)"
        case .tooManyAnswers(let limit): "the body holds more than \(limit) answers; send fewer at a time"
        }
    }
}
