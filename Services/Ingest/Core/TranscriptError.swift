/// Why nothing of a session file or of a command's output was taken.
public enum TranscriptError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Session files, or output, of that harness are not read.
    case unknownHarness
    /// It holds more usage than one request may.
    case tooManyRecords(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownHarness: "files or output of this harness are not read"
        case .tooManyRecords(let limit): "the text holds more than \(limit) usage records; send fewer at a time"
        }
    }
}
