import Foundation
import Support
import Synchronization

/// Takes connections on a loopback port and never answers: says nothing at all, or one header line that never ends.
final class HangingReceiver: Sendable {
    /// Where it listens.
    let url: String
    private let listener: LoopbackListener
    private let taken = Atomic(0)

    /// How many connections it has taken.
    var connections: Int { taken.load(ordering: .relaxed) }

    init(drips: Bool) throws {
        let listener = try LoopbackListener()
        self.listener = listener
        url = "http://127.0.0.1:\(listener.port)/hook"
        let descriptor = listener.descriptor
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

    private static func drip(_ connection: Int32) {
        defer { close(connection) }
        // Of many lines a client would soon have enough.
        var text = "HTTP/1.1 200 OK\r\nX-Patience: "
        while send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0 {
            text = "."
            usleep(100_000)
        }
    }
}
