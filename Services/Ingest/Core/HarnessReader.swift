import Metering

/// Turns what one harness reports, or one convention prescribes, into observations.
///
/// A reader knows its dialect: which records report usage, how its counts overlap, what identifies a call, and how far
/// its channels are to be believed. What it does not know it leaves alone by giving nothing; what it knows and cannot use
/// it rejects. To add a harness, write one such type and name it in ``HarnessCatalog``.
protocol HarnessReader: Sendable {
    /// The harness's name; `nil` for a convention that many programs follow.
    var harness: Harness? { get }

    /// Whether a `service.name` is the harness's own.
    func owns(service: String) -> Bool
    /// Whether an instrumentation scope is the harness's own, whatever the service is called.
    func owns(scope: ArraySlice<UInt8>) -> Bool
    /// Whether an event, span or metric is the harness's own; asked only where the service has no name.
    func owns(record: ArraySlice<UInt8>) -> Bool

    /// What a log record reports.
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation]
    /// What a span reports.
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation]
    /// What a metric point reports.
    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation]

    /// Begins reading a session file of the harness; `nil` when its session files are not read.
    func makeTranscriptReader() -> (any TranscriptReader)?
}

/// Turns the lines of one session file into observations.
protocol TranscriptReader {
    /// What a line reports.
    ///
    /// - Parameter line: one line of the file, without its end.
    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation]
}

extension HarnessReader {
    func owns(scope: ArraySlice<UInt8>) -> Bool { false }
    func owns(record: ArraySlice<UInt8>) -> Bool { false }
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func makeTranscriptReader() -> (any TranscriptReader)? { nil }
}
