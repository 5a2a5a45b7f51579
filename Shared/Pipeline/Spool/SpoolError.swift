/// Why a spool did not take events or could not be used.
public enum SpoolError: Error, Hashable, Sendable {
    /// An event is larger than any pipeline takes: it can never be sent, so refuse it for good.
    case eventTooLarge(bytes: Int, limit: Int)
    /// The spool holds as much as it may, because what follows it does not keep up: try again later.
    case full(limit: Int64)
    /// The disk is, or would soon be, full: try again later.
    case diskFull(available: Int64, reserve: Int64)
    /// The disk failed; what it holds is known only after a restart: exit.
    case failed(DiskError)

    /// True where the same events may be taken later: the answer to a client is 503.
    public var isTransient: Bool {
        switch self {
        case .full, .diskFull: true
        case .eventTooLarge, .failed: false
        }
    }
}

extension SpoolError: CustomStringConvertible {
    /// What is wrong and what happens next.
    public var description: String {
        switch self {
        case .eventTooLarge(let bytes, let limit): "an event of \(bytes) bytes is over the limit of \(limit)"
        case .full(let limit): "the spool holds its limit of \(limit) bytes; waiting for the next stage to take some"
        case .diskFull(let available, let reserve):
            "the disk has \(available) bytes left, of which \(reserve) stay reserved; free some"
        case .failed(let error): "the spool's disk failed (\(error)); exiting to recover from what it holds"
        }
    }
}
