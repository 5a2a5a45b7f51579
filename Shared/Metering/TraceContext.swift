/// Where a call stands in a distributed trace: hexadecimal OpenTelemetry identities.
public struct TraceContext: Hashable, Sendable {
    /// The trace, 32 hexadecimal digits.
    public var traceID: String
    /// The span, 16 hexadecimal digits.
    public var spanID: String
    /// The parent span, when there is one.
    public var parentSpanID: String?

    /// Makes a context.
    public init(traceID: String, spanID: String, parentSpanID: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
    }
}
