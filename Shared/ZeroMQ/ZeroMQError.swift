import CZeroMQ
import Glibc

/// A failed libzmq call, told by its error number.
///
/// Compare with the named statics: `error == .addressInUse`. Two conditions never surface as errors: an interrupted
/// call is retried inside, and "nothing to do now" is `nil` or `false`.
public struct ZeroMQError: Error, Hashable, Sendable {
    /// The `errno` value libzmq reported.
    public let code: Int32

    /// Wraps an error number.
    public init(code: Int32) {
        self.code = code
    }

    /// The context was shut down: the owner of the socket is to close it and end.
    public static let contextTerminated = ZeroMQError(code: zmqErrorBase + 53)
    /// Another socket is bound to the address.
    public static let addressInUse = ZeroMQError(code: EADDRINUSE)
    /// The address is not one of this host's.
    public static let addressNotAvailable = ZeroMQError(code: EADDRNOTAVAIL)
    /// The endpoint, option value or argument is not valid.
    public static let invalidArgument = ZeroMQError(code: EINVAL)
    /// The transport of the endpoint is not built into libzmq.
    public static let protocolNotSupported = ZeroMQError(code: EPROTONOSUPPORT)
    /// The handle is not a socket, or was closed.
    public static let notASocket = ZeroMQError(code: ENOTSOCK)
    /// The process or the context has no room for another socket or file descriptor.
    public static let tooManySockets = ZeroMQError(code: EMFILE)
    /// The operation does not fit the socket's present state.
    public static let wrongState = ZeroMQError(code: zmqErrorBase + 51)

    /// `ZMQ_HAUSNUMERO`: where libzmq's own error numbers begin, a macro Swift does not import as `Int32`.
    private static let zmqErrorBase: Int32 = 156_384_712

    static var last: ZeroMQError {
        ZeroMQError(code: zmq_errno())
    }

    /// Runs a libzmq call that answers -1 on failure, again whenever a signal interrupted it.
    @inline(__always)
    static func check(_ call: () -> Int32) throws(ZeroMQError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            let error = last
            guard error.code == EINTR else { throw error }
        }
    }

    /// Like ``check(_:)``, but answers nil where the call would have had to wait.
    @inline(__always)
    static func attempt(_ call: () -> Int32) throws(ZeroMQError) -> Int32? {
        while true {
            let result = call()
            if result >= 0 { return result }
            let error = last
            if error.code == EAGAIN { return nil }
            guard error.code == EINTR else { throw error }
        }
    }
}

extension ZeroMQError: CustomStringConvertible {
    /// libzmq's own words for the error, with its number.
    public var description: String {
        let text = unsafe String(cString: zmq_strerror(code))
        return "\(text) (\(code))"
    }
}
