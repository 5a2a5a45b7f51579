public import Wire

/// The three kinds of OpenTelemetry request.
public enum OTLPSignal: String, CaseIterable, Hashable, Sendable {
    case logs
    case metrics
    case traces
}

/// The two encodings of OTLP over HTTP.
public enum OTLPEncoding: String, CaseIterable, Hashable, Sendable {
    case json
    case protobuf
}

/// Why a request could not be read at all.
public enum OTLPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The body is not JSON of the expected shape.
    case json(JSONError)
    /// The body is not protobuf of the expected shape.
    case protobuf(ProtobufError)
    /// The request holds more usage than one request may.
    case tooManyRecords(limit: Int)

    /// What is wrong and where; never any content.
    public var description: String {
        switch self {
        case .json(let error): "the body is not OTLP JSON: \(error)"
        case .protobuf(let error): "the body is not OTLP protobuf: \(error)"
        case .tooManyRecords(let limit): "the request holds more than \(limit) usage records; send smaller batches"
        }
    }
}
