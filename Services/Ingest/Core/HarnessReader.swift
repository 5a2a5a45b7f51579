import Metering

/// Reads telemetry: gives what single records report.
protocol TelemetryReader: Sendable {
    /// What a log record reports.
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation]
    /// What a span reports.
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation]
    /// What a metric point reports.
    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation]
}

/// Turns what one harness reports, or one convention prescribes, into observations.
///
/// A reader knows its dialect: which records report usage, how its counts overlap, what identifies a call, and how far
/// its channels are to be believed. What it does not know it leaves alone by giving nothing; what it knows and cannot use
/// it rejects. To add a harness, write one such type and name it in ``HarnessCatalog``.
protocol HarnessReader: TelemetryReader {
    /// The harness's name; `nil` for a convention that many programs follow.
    var harness: Harness? { get }

    /// Whether a `service.name` is the harness's own.
    func owns(service: String) -> Bool
    /// Whether an instrumentation scope is the harness's own, whatever the service is called.
    func owns(scope: ArraySlice<UInt8>) -> Bool
    /// Whether an event, span or metric is the harness's own; asked only where the service has no name.
    func owns(record: ArraySlice<UInt8>) -> Bool

    /// Completes an answer of a provider that somebody says the harness asked for, so that it meets the harness's own
    /// reports of the call.
    func complete(_ answer: inout Observation, _ tokens: TokenCounts)

    /// Where the harness keeps its session files; `nil` when they are not read.
    var sessionFiles: SessionFiles? { get }
    /// Begins reading a session file of the harness; `nil` when the file is not one that is read.
    func makeSessionReader(of file: SessionFile) -> SessionReader?

    /// How the harness's command is called; `nil` when it has none.
    var command: AgentCommand? { get }
    /// How the harness's telemetry is switched on; `nil` when it has none.
    var setup: AgentTelemetry? { get }
    /// Begins reading what one run of the harness's command prints; `nil` when that is not read.
    func makeResultReader(of invocation: Invocation) -> (any ResultReader)?
}

extension HarnessReader {
    func owns(scope: ArraySlice<UInt8>) -> Bool { false }
    func owns(record: ArraySlice<UInt8>) -> Bool { false }
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] { [] }
    func complete(_ answer: inout Observation, _ tokens: TokenCounts) {}
    var sessionFiles: SessionFiles? { nil }
    func makeSessionReader(of file: SessionFile) -> SessionReader? { nil }
    var command: AgentCommand? { nil }
    var setup: AgentTelemetry? { nil }
    func makeResultReader(of invocation: Invocation) -> (any ResultReader)? { nil }
}

/// A harness whose telemetry is that of others too and is read by their reader.
protocol DelegatingHarness: HarnessReader {
    associatedtype Telemetry: TelemetryReader
    var telemetry: Telemetry { get }
}

extension DelegatingHarness {
    func observations(in record: LogRecord, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try telemetry.observations(in: record, context)
    }

    func observations(in span: Span, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try telemetry.observations(in: span, context)
    }

    func observations(in point: MetricPoint, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try telemetry.observations(in: point, context)
    }
}
