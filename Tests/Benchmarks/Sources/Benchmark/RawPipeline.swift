import Foundation
import ZeroMQ

/// What ZeroMQ alone does: one thread pushes, another pulls, over TCP on loopback, nothing is read or stored.
enum RawPipeline {
    static let messageBytes = 604
    private static let messages = 2_000_000

    /// Messages per second.
    static func measure() throws -> Double {
        let context = try Context()
        let pull = try Socket<Pull>(in: context)
        let endpoint = try pull.bind(.anyLoopbackPort)
        let sender = Thread {
            do {
                try send(to: endpoint, in: context)
            } catch {
                print("the sender failed: \(error)")
                exit(1)
            }
        }
        sender.start()
        // The first message opens the connection and is not timed.
        var received = 0
        var start = ContinuousClock.now
        while received < messages {
            guard let message = try pull.receive() else {
                _ = try pull.wait(for: .readable, timeout: .seconds(10))
                continue
            }
            precondition(message.count == messageBytes, "messages arrive whole")
            if received == 0 { start = .now }
            received += 1
        }
        return Double(messages - 1) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func send(to endpoint: Endpoint, in context: Context) throws {
        var options = SocketOptions.standard
        options.linger = nil
        let push = try Socket<Push>(in: context, options: options)
        try push.connect(endpoint)
        let message = [UInt8](repeating: 0x61, count: messageBytes)
        for _ in 0..<messages {
            while try !push.send(message) { _ = try push.wait(for: .writable, timeout: .seconds(10)) }
        }
    }
}
