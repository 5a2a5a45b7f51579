/// How a figure reached us; a closed set, because the order between channels must be decided for each.
public enum Channel: String, CaseIterable, Hashable, Sendable {
    /// An OpenTelemetry log record.
    case log
    /// An OpenTelemetry span.
    case span
    /// An OpenTelemetry metric point.
    case metric
    /// A session file the harness keeps on disk.
    case transcript
    /// The output of a command, such as `claude -p --output-format json`.
    case result
    /// A provider's API answer, body or stream.
    case response

    /// The usual order between channels, for harnesses that have no other: the lowest number is believed first.
    public var defaultAuthority: Int64 {
        switch self {
        case .response: 0
        case .log: 10
        case .span: 20
        case .transcript: 30
        case .result: 40
        case .metric: 50
        }
    }
}
