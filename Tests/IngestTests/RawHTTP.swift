import Glibc
import Support

/// A client that sends the bytes it is told, over a real socket, and reads until the other end is done.
enum RawHTTP {
    struct Answer {
        /// Nil where the connection ended without an answer.
        var status: Int?
        var text = ""
        /// Whether the other end closed the connection, rather than that nothing more came from it.
        var isClosed = false
    }

    static func post(
        port: Int, _ path: String, headers: String = "Content-Type: application/json\r\n", body: [UInt8]
    ) async -> Answer {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)Content-Length: \(body.count)\r\n\r\n"
        return await send(port: port, [Array(head.utf8), body])
    }

    static func get(port: Int, _ path: String) async -> Answer {
        await send(port: port, [Array("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)])
    }

    static func waitUntilReady(port: Int) async throws {
        try await eventually("ingest is ready") { await get(port: port, "/readyz").status == 200 }
    }

    /// Sends parts one after another, then reads the answer; on a thread of its own, since sockets block.
    static func send(
        port: Int, _ parts: [[UInt8]], pause: Duration = .zero, patience: Int = 600
    ) async -> Answer {
        await withCheckedContinuation { done in
            let thread = Box {
                done.resume(returning: exchange(port: port, parts, pause: pause, patience: patience))
            }
            var id = pthread_t()
            pthread_create(
                &id, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                    return nil
                }, Unmanaged.passRetained(thread).toOpaque())
            pthread_detach(id)
        }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    private static func exchange(port: Int, _ parts: [[UInt8]], pause: Duration, patience: Int) -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return Answer() }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        for part in parts {
            var sent = 0
            while sent < part.count {
                let count = part.withUnsafeBytes { bytes in
                    Glibc.send(
                        descriptor, bytes.baseAddress.map { $0 + sent }, part.count - sent, Int32(MSG_NOSIGNAL)
                    )
                }
                guard count > 0 else { break }
                sent += count
            }
            if pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
        }
        return read(descriptor)
    }

    private static func read(_ descriptor: Int32) -> Answer {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = recv(descriptor, &buffer, buffer.count, 0)
        while count > 0 {
            bytes += buffer[..<count]
            if String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 100") { bytes.removeAll() }
            count = recv(descriptor, &buffer, buffer.count, 0)
        }
        let isClosed = count == 0 || errno == ECONNRESET
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        return Answer(status: words.count > 1 ? Int(words[1]) : nil, text: text, isClosed: isClosed)
    }
}
