import Glibc

/// A listening TCP socket on a free port of loopback, for servers that tests make; it is closed with its last owner.
public final class LoopbackListener: Sendable {
    /// The port it listens on.
    public let port: Int
    /// The socket, to be waited for and accepted from.
    public let descriptor: Int32

    /// Listens.
    ///
    /// - Parameter backlog: how many connections may wait to be accepted.
    public init(backlog: Int32 = 64) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isListening else {
            close(descriptor)
            throw SupportFailure("no port of loopback to listen on")
        }
        self.descriptor = descriptor
        port = Int(in_port_t(bigEndian: address.sin_port))
    }

    deinit {
        // Whoever waits in accept is woken.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}
