/// Why no line of a session file was taken.
public enum TranscriptError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Session files of that harness are not read.
    case unknownHarness
    /// The lines hold more usage than one request may.
    case tooManyRecords(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownHarness: "session files of this harness are not read"
        case .tooManyRecords(let limit): "the lines hold more than \(limit) usage records; send fewer at a time"
        }
    }
}
