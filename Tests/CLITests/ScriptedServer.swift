import Foundation
import LocalHTTP
import Supervision

/// A TCP server on loopback that answers each request of a connection with the next scripted bytes, then hangs up.
///
/// Real sockets, so that what a client must live with can be shown to it: broken chunks, early ends, silence that lasts
/// until the client leaves.
final class ScriptedServer: Sendable {
    let address: HTTPAddress
    private let listener: Int32

    /// - Parameter connections: for each connection the answers to its requests; `nil` stays silent.
    init(_ connections: [[String?]]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, size)
                _ = listen(listener, 16)
                _ = getsockname(listener, $0, &size)
            }
        }
        self.listener = listener
        address = HTTPAddress(port: Int(in_port_t(bigEndian: name.sin_port)))
        // A thread, not a task: tests that block would keep a task from ever running.
        Thread { Self.serve(connections, on: listener) }.start()
    }

    deinit {
        close(listener)
    }

    private static func serve(_ connections: [[String?]], on listener: Int32) {
        for answers in connections {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            for answer in answers {
                guard readRequest(connection) else { break }
                guard let answer else {
                    // Nothing more is asked: this ends when the client hangs up.
                    _ = readRequest(connection)
                    break
                }
                _ = answer.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            }
            close(connection)
        }
    }

    /// Reads to the end of the head; bodies in these tests are none.
    private static func readRequest(_ connection: Int32) -> Bool {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !received.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            received += buffer[..<count]
        }
        return true
    }
}
