import Metering

/// An OpenTelemetry log record.
struct LogRecord: Hashable, Sendable {
    var time: Timestamp?
    var observedTime: Timestamp?
    /// The field `eventName`; empty when not set.
    var eventName: ArraySlice<UInt8> = []
    var body = AttributeValue.empty
    var attributes = Attributes()
    var traceID = ""
    var spanID = ""
    /// Bytes of the record in the request's body.
    var size = 0
    /// Whether values were left out because there were too many.
    var isOverfull = false
}

/// An OpenTelemetry span.
struct Span: Hashable, Sendable {
    var name: ArraySlice<UInt8> = []
    var start: Timestamp?
    var end: Timestamp?
    var attributes = Attributes()
    var traceID = ""
    var spanID = ""
    var parentSpanID = ""
    /// Bytes of the span in the request's body.
    var size = 0
    /// Whether values were left out because there were too many.
    var isOverfull = false
}

/// One point of an OpenTelemetry metric.
struct MetricPoint: Hashable, Sendable {
    /// The metric's name.
    var metric: ArraySlice<UInt8> = []
    var kind = Kind.other
    var temporality: AggregatePoint.Temporality?
    var attributes = Attributes()
    var start: Timestamp?
    var time: Timestamp?
    /// A counter's value, or the sum of a histogram.
    var value = AttributeValue.empty
    /// Bytes of the point in the request's body.
    var size = 0
    /// Whether values were left out because there were too many.
    var isOverfull = false

    /// The kinds of metric that can count usage.
    enum Kind: Hashable, Sendable {
        case sum
        case histogram
        /// A gauge or a summary.
        case other
    }
}

/// What a decoder hands over while it reads a request, record by record: nothing grows with the request.
protocol OTLPVisitor {
    /// A resource begins; scopes and records that follow belong to it.
    mutating func enterResource(_ attributes: Attributes)
    /// An instrumentation scope begins.
    mutating func enterScope(_ name: ArraySlice<UInt8>)
    /// A record of the scope.
    mutating func visit(_ record: some SourceRecord)
}

extension Timestamp {
    /// An instant from OTLP's unsigned nanoseconds; `nil` for zero, which means not stated, and beyond our range.
    init?(unixNanoseconds: UInt64) {
        guard unixNanoseconds != 0, let nanoseconds = Int64(exactly: unixNanoseconds) else { return nil }
        self.init(nanoseconds: nanoseconds)
    }
}
