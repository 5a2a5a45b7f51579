import Foundation
import Synchronization

/// Takes connections on a loopback port and never answers: says nothing at all, or a header line for ever.
final class HangingReceiver: Sendable {
    /// Why none could be made.
    struct NoPort: Error {}

    /// Where it listens.
    let url: String
    private let descriptor: Int32
    private let taken = Atomic(0)

    /// How many connections it has taken.
    var connections: Int { taken.load(ordering: .relaxed) }

    init(drips: Bool) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard isBound else { throw NoPort() }
        self.descriptor = descriptor
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/hook"
        let thread = Thread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                self?.taken.add(1, ordering: .relaxed)
                guard drips else { continue }
                Thread { Self.drip(connection) }.start()
            }
        }
        thread.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func drip(_ connection: Int32) {
        defer { close(connection) }
        var text = "HTTP/1.1 200 OK\r\n"
        while send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0 {
            text = "X-Patience: 1\r\n"
            usleep(100_000)
        }
    }
}
