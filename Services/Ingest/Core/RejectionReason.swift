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
