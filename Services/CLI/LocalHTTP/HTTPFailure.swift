/// Why a service could not be asked.
public enum HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens at the address.
    case unreachable(HTTPAddress, errno: Int32)
    /// The host name has no address.
    case unknownHost(String)
    /// The connection ended before the answer was whole.
    case connectionLost
    /// No answer came in time.
    case timedOut
    /// What came is not HTTP/1.1, or too large.
    case malformedResponse
    /// The file with the key to show cannot be used, for this reason; nothing was sent.
    case unusableKey(String)

    /// One sentence, with what to do where there is something to do.
    public var description: String {
        switch self {
        case .unreachable(let address, _): "nothing answers at \(address); is `tollbook up` running there?"
        case .unknownHost(let host): "the host \(host) is not known"
        case .connectionLost: "the connection ended before the answer was complete"
        case .timedOut: "no answer came in time"
        case .unusableKey(let reason): reason
        case .malformedResponse: "the answer is not HTTP; another program may have the port"
        }
    }
}
