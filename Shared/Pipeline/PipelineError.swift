public import ZeroMQ

/// A failure that ends a stage: exit, let the supervisor restart, recover from what is durable.
public enum PipelineError: Error, Sendable {
    /// An endpoint could not be bound or connected.
    case attaching(Link, ZeroMQError)
    /// A socket failed.
    case socket(ZeroMQError)
    /// The system had no thread for the gate of guarded sockets.
    case thread(code: Int32)
    /// An outbox could not be read or trimmed.
    case outbox(StreamID, any Error)

    /// True where the failure is only that the stage was told to stop.
    public var isShutdown: Bool {
        switch self {
        case .attaching(_, let error), .socket(let error): error == .contextTerminated
        case .outbox, .thread: false
        }
    }
}

extension PipelineError: CustomStringConvertible {
    /// What failed, where, and for a taken port what to do.
    public var description: String {
        switch self {
        case .attaching(let link, .addressInUse):
            "cannot bind \(link): the port is taken; stop the other program or set another endpoint"
        case .attaching(let link, let error): "cannot \(link.role.rawValue) \(link): \(error)"
        case .socket(let error): "ZeroMQ socket failed: \(error)"
        case .thread(let code): ThreadError(code: code).description
        case .outbox(let stream, let error): "outbox of stream \(stream) failed: \(error)"
        }
    }
}

/// Runs socket calls and names their failures as the pipeline's.
@inline(__always)
func socketCall<Result: ~Copyable>(
    _ body: () throws(ZeroMQError) -> Result
) throws(PipelineError) -> Result {
    do throws(ZeroMQError) {
        return try body()
    } catch {
        throw .socket(error)
    }
}
