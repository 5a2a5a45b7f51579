import Foundation
import Glibc
import Support
import Synchronization

/// A TCP relay between two services that can be cut, thawed and reset: one arrow of the pipeline, as a network breaks it.
///
/// One thread moves the bytes of all connections; while the link is cut nothing moves and nobody is told.
final class FaultyLink: Sendable {
    /// Where services connect to.
    let port: Int
    private let target: Int
    private let state = Mutex(State())

    private struct State {
        var isCut = false
        var mustReset = false
        var mustEnd = false
    }

    /// Opens a link to a port on loopback.
    init(to target: Int) throws {
        self.target = target
        let listener = try LoopbackListener()
        port = listener.port
        Thread { [self] in run(listener) }.start()
    }

    /// Stops, or goes on, moving bytes.
    func setCut(_ isCut: Bool) { state.withLock { $0.isCut = isCut } }

    /// Breaks every connection with a reset.
    func reset() { state.withLock { $0.mustReset = true } }

    /// Closes everything.
    func end() { state.withLock { $0.mustEnd = true } }

    private func run(_ listener: LoopbackListener) {
        var pairs: [Pair] = []
        while true {
            let (isCut, mustReset, mustEnd) = state.withLock { state in
                defer { state.mustReset = false }
                return (state.isCut, state.mustReset, state.mustEnd)
            }
            if mustReset || mustEnd {
                for pair in pairs { pair.close(withReset: mustReset) }
                pairs = []
            }
            if mustEnd { return }
            guard !isCut else {
                usleep(2000)
                continue
            }
            var polls = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
            for pair in pairs { polls += pair.polls }
            guard poll(&polls, nfds_t(polls.count), 10) >= 0 else { continue }
            if polls[0].revents != 0, let pair = accept(from: listener.descriptor) { pairs.append(pair) }
            pairs = pairs.filter { pair in
                if pair.move() { return true }
                pair.close(withReset: false)
                return false
            }
        }
    }

    private func accept(from listener: Int32) -> Pair? {
        let near = Glibc.accept(listener, nil, nil)
        guard near >= 0 else { return nil }
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(near)
            close(far)
            return nil
        }
        for descriptor in [near, far] {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var enabled: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
        }
        return Pair(near: near, far: far)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}

/// The two ends of a connection through a link, and the bytes on their way.
private final class Pair {
    private static let capacity = 64 * 1024
    private let near: Int32
    private let far: Int32
    private var outward: [UInt8] = []
    private var inward: [UInt8] = []

    init(near: Int32, far: Int32) {
        self.near = near
        self.far = far
    }

    /// What to wait for.
    var polls: [pollfd] {
        [interest(near, reading: outward, writing: inward), interest(far, reading: inward, writing: outward)]
    }

    private func interest(_ descriptor: Int32, reading: [UInt8], writing: [UInt8]) -> pollfd {
        var events: Int32 = 0
        if reading.count < Self.capacity { events |= POLLIN }
        if !writing.isEmpty { events |= POLLOUT }
        return pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    /// Moves what can be moved; false at the end of either side.
    func move() -> Bool {
        Self.move(from: near, through: &outward, to: far) && Self.move(from: far, through: &inward, to: near)
    }

    private static func move(from source: Int32, through buffer: inout [UInt8], to target: Int32) -> Bool {
        if buffer.count < capacity {
            var part = [UInt8](repeating: 0, count: capacity - buffer.count)
            let count = recv(source, &part, part.count, 0)
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return false }
            if count > 0 { buffer += part[..<count] }
        }
        guard !buffer.isEmpty else { return true }
        let count = send(target, buffer, buffer.count, Int32(MSG_NOSIGNAL))
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        buffer.removeFirst(count)
        return true
    }

    func close(withReset: Bool) {
        for descriptor in [near, far] {
            if withReset {
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            }
            Glibc.close(descriptor)
        }
    }
}
