import Harnesses
import Hummingbird

/// Why a request is not taken: what the client is told, and whether it may come again.
///
/// An OTLP client drops its data on any answer but 429, 502, 503 and 504. So what could succeed later is always 503, and
/// what cannot never is; 500 does not occur.
enum Refusal: Error, Hashable, Sendable {
    /// There is no such path.
    case unknownPath
    /// The request comes from a page in a browser.
    case webPage
    /// The path takes POST only.
    case methodNotAllowed
    /// Session files, or output, of that harness are not read.
    case unknownHarness
    /// Answers of that provider are not read.
    case unknownProvider(String)
    /// The body, or what it decompresses to, is over the limit.
    case bodyTooLarge(limit: Int)
    /// The body holds more records than one request may.
    case tooManyRecords(String)
    /// The content type is missing or not one the path takes.
    case unsupportedMediaType(expected: String)
    /// The body is compressed in a way that is not supported.
    case unsupportedEncoding
    /// A parameter of the query has no meaning.
    case badParameter(String)
    /// The body ended before its announced length.
    case incompleteBody
    /// The body is not what its headers say.
    case undecodable(String)
    /// Not now: the client is to send the same again.
    case unavailable(Unavailability)
}

/// Why nothing can be taken for the moment.
enum Unavailability: Error, Hashable, Sendable {
    /// The service is not ready yet.
    case starting
    /// The service is about to end.
    case draining
    /// Too many requests wait for the disk.
    case busy
    /// The requests at hand fill the memory that is set aside for them.
    case memoryFull
    /// The spool holds as much as it may.
    case spoolFull
    /// The disk has no room.
    case diskFull
    /// The disk failed, and the service ends to recover.
    case diskFailed
    /// A fault of our own.
    case fault
}

extension Refusal {
    /// The HTTP status.
    var status: HTTPResponse.Status {
        switch self {
        case .unknownPath, .unknownHarness, .unknownProvider: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .webPage: .forbidden
        case .bodyTooLarge, .tooManyRecords: .contentTooLarge
        case .unsupportedMediaType, .unsupportedEncoding: .unsupportedMediaType
        case .badParameter, .incompleteBody, .undecodable: .badRequest
        case .unavailable: .serviceUnavailable
        }
    }

    /// The code of the `google.rpc.Status` in an OTLP answer.
    var code: OTLPAnswer.StatusCode {
        switch self {
        case .unknownPath, .unknownHarness, .unknownProvider: .notFound
        case .methodNotAllowed: .unimplemented
        case .webPage: .permissionDenied
        case .bodyTooLarge, .tooManyRecords, .unsupportedMediaType, .unsupportedEncoding, .badParameter,
            .incompleteBody,
            .undecodable:
            .invalidArgument
        case .unavailable: .unavailable
        }
    }

    /// What is wrong and what to do; never anything the client sent.
    var message: String {
        switch self {
        case .unknownPath: "there is nothing at this path; telemetry goes to /v1/logs, /v1/metrics and /v1/traces"
        case .webPage: "pages in browsers may not send telemetry here"
        case .methodNotAllowed: "this path does not take this method"
        case .unknownHarness: "files or output of this harness are not read"
        case .bodyTooLarge(let limit): "the body is over the limit of \(limit) bytes; send smaller batches"
        case .unsupportedMediaType(let expected): "the content type is missing or not supported; send \(expected)"
        case .unsupportedEncoding: "the content encoding is not supported; send gzip or none"
        case .incompleteBody: "the body ended before its announced length"
        case .unknownProvider(let reason), .tooManyRecords(let reason), .badParameter(let reason),
            .undecodable(let reason):
            reason
        case .unavailable(let reason): reason.message
        }
    }

    /// When to come again, in seconds; `nil` where that is of no use.
    var retryAfter: Int? {
        switch self {
        case .unavailable(let reason): reason.retryAfter
        default: nil
        }
    }
}

extension Unavailability {
    /// What is the matter.
    var message: String {
        switch self {
        case .starting: "the service is starting; send it again"
        case .draining: "the service is stopping; send it again"
        case .busy: "too many requests are waiting; send it again"
        case .memoryFull: "too many bytes are being taken in; send it again"
        case .spoolFull: "the spool is full, the next stage does not keep up; send it again"
        case .diskFull: "the disk is full; send it again"
        case .diskFailed: "the disk failed; send it again"
        case .fault: "the request could not be handled; send it again"
        }
    }

    /// When to come again, in seconds.
    var retryAfter: Int {
        switch self {
        case .starting, .busy, .memoryFull: 1
        case .draining, .spoolFull, .diskFull, .diskFailed, .fault: 5
        }
    }
}
