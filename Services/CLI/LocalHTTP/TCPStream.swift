import Glibc

/// A connected TCP socket with time limits, closed with its last reference.
package struct TCPStream: ~Copyable {
    let descriptor: Int32

    /// Connects.
    ///
    /// - Parameters:
    ///   - timeout: how long connecting, sending and receiving may take.
    ///   - receiveBuffer: how many bytes the system may keep that were not yet received; `nil` leaves it to the system,
    ///     which may keep tens of megabytes.
    package init(
        connectedTo address: HTTPAddress, timeout: Duration, receiveBuffer: Int32? = nil
    ) throws(HTTPFailure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &list) == 0, let first = list else {
            throw .unknownHost(address.host)
        }
        defer { freeaddrinfo(first) }
        var candidate: UnsafeMutablePointer<addrinfo>? = first
        var fault: Int32 = ECONNREFUSED
        while let info = candidate?.pointee {
            let descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
            if descriptor >= 0 {
                Self.limit(descriptor, to: timeout)
                if var bytes = receiveBuffer {
                    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
                }
                if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 {
                    var enabled: Int32 = 1
                    setsockopt(
                        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
                    self.descriptor = descriptor
                    return
                }
                fault = errno
                Glibc.close(descriptor)
            }
            candidate = info.ai_next
        }
        throw .unreachable(address, errno: fault)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Sends all bytes; false when the peer has closed, who may have answered before.
    package func send(_ bytes: [UInt8]) throws(HTTPFailure) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                offset += sent
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                throw .timedOut
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Receives what has come, at most `limit` bytes; empty at the end of the stream.
    package func receive(limit: Int) throws(HTTPFailure) -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
                count = Glibc.recv(descriptor, buffer.baseAddress, limit, 0)
                filled = max(0, count)
            }
            if count >= 0 { return bytes }
            if errno == EAGAIN || errno == EWOULDBLOCK { throw .timedOut }
            if errno != EINTR { throw .connectionLost }
        }
    }

    private static func limit(_ descriptor: Int32, to timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }
}
