import Wire

/// Why a record that reports usage could not be used: the names that dead letters, metrics and clients see.
public enum RejectionReason: String, CaseIterable, Error, Hashable, Sendable {
    /// A token count below zero.
    case negativeTokenCount = "negative_token_count"
    /// A token count that is not whole.
    case fractionalTokenCount = "fractional_token_count"
    /// A token count beyond any real one.
    case tokenCountOutOfRange = "token_count_out_of_range"
    /// Text or NaN where a number belongs.
    case notANumber = "not_a_number"
    /// A Boolean, a list or bytes where a number belongs.
    case wrongType = "wrong_type"
    /// A cost below zero.
    case negativeCost = "negative_cost"
    /// A cost beyond any real one.
    case costOutOfRange = "cost_out_of_range"
    /// A token type that the reader does not know; it is counted in no class.
    case unknownTokenType = "unknown_token_type"
    /// A metric that says neither delta nor cumulative.
    case unknownTemporality = "unknown_temporality"
    /// A metric point without a value.
    case missingValue = "missing_value"
    /// A usage record that reports neither tokens nor a cost.
    case noUsage = "no_usage"
    /// A record with more attributes or nested values than any real one.
    case tooManyValues = "too_many_values"
    /// A line of a session file that is not JSON.
    case malformedLine = "malformed_line"
    /// A line of a session file with text that is not UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// A line of a session file that is nested deeper than any real one.
    case nestedTooDeeply = "nested_too_deeply"
    /// A line of a session file that was begun and never ended.
    case unfinishedLine = "unfinished_line"
    /// A line of a session file that is longer than any real one.
    case oversizedLine = "oversized_line"
    /// A session file that should be one JSON document and is none.
    case malformedDocument = "malformed_document"
    /// A text of a stream, or an item of a list, that is not JSON.
    case malformedText = "malformed_text"
    /// A member that is not known, where a mistaken name would lose a count.
    case unknownMember = "unknown_member"
    /// Nothing that tells the call from any other: neither an id, nor keys, nor a time.
    case missingIdentity = "missing_identity"
    /// A key of a call that is not `space:kind:value`, or one too many.
    case invalidKey = "invalid_key"
    /// A time that is not RFC 3339.
    case invalidTime = "invalid_time"
    /// An id of a trace or span that is not hexadecimal of the right length.
    case invalidID = "invalid_id"
    /// A CloudEvent without what every CloudEvent has, or of another version.
    case notACloudEvent = "not_a_cloud_event"
    /// A CloudEvent of a type that holds no observation.
    case unknownEventType = "unknown_event_type"
    /// Parts of a count that pass the count they are parts of; the parts are kept.
    case partsExceedTotal = "parts_exceed_total"
}

extension RejectionReason {
    /// Why a line is no JSON.
    init(_ error: JSONError) {
        switch error.reason {
        case .invalidUTF8: self = .invalidUTF8
        case .tooDeep: self = .nestedTooDeeply
        default: self = .malformedLine
        }
    }
}

/// A record that cannot be used, and the member at fault.
struct Rejection: Error, Hashable {
    let reason: RejectionReason
    /// A name from our own code, never from the input.
    let field: String?

    init(_ reason: RejectionReason, field: StaticString? = nil) {
        self.reason = reason
        self.field = field.map { "\($0)" }
    }
}
