import Glibc
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct SocketTests {
    let context: Context

    init() throws {
        context = try Context()
    }

    @Test(arguments: [0, 1, 29, 33, 34, 64, 255, 256, 65_536, 1 << 20])
    func `a message of any allowed size arrives whole`(size: Int) throws {
        let pull = try Socket<Pull>(in: context)
        let endpoint = try pull.bind(.anyLoopbackPort)
        let push = try Socket<Push>(in: context)
        try push.connect(endpoint)

        let sent = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try push.sendWhenReady(sent)

        let received = try #require(try pull.receiveWhenReady())
        #expect(received == sent)
    }

    @Test func `messages keep their order`() throws {
        let pull = try Socket<Pull>(in: context)
        let push = try Socket<Push>(in: context)
        try push.connect(try pull.bind(.anyLoopbackPort))

        for number in 0..<5000 { try push.sendWhenReady(Array(String(number).utf8)) }

        for number in 0..<5000 {
            let received = try #require(try pull.receiveWhenReady())
            try #require(received == Array(String(number).utf8))
        }
    }

    @Test func `receiving with nothing there is nil and sending with nobody there is false`() throws {
        let pull = try Socket<Pull>(in: context)
        try pull.bind(.anyLoopbackPort)
        let push = try Socket<Push>(in: context)
        try push.bind(.anyLoopbackPort)

        let isSent = try push.send([1])
        let isEmpty = try pull.receive() == nil

        #expect(!isSent)
        #expect(isEmpty)
    }

    @Test func `a message that could not be sent stays whole and one that was sent is empty`() throws {
        let pull = try Socket<Pull>(in: context)
        let endpoint = try pull.bind(.anyLoopbackPort)
        let push = try Socket<Push>(in: context)
        var message = try Message(copying: [7, 8, 9])

        let isSentAlone = try push.send(&message)
        #expect(!isSentAlone)
        #expect(message.copiedBytes() == [7, 8, 9])

        try push.connect(endpoint)
        _ = try push.wait(for: .writable, timeout: .seconds(120))
        let isSent = try push.send(&message)
        #expect(isSent)
        let isEmptied = message.isEmpty
        #expect(isEmptied)
        let received = try #require(try pull.receiveWhenReady())
        #expect(received == [7, 8, 9])
    }

    @Test func `a second bind of the same port is an error that says so`() throws {
        let first = try Socket<Pull>(in: context)
        let endpoint = try first.bind(.anyLoopbackPort)
        let second = try Socket<Pull>(in: context)

        let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(error == .addressInUse)
        #expect(error?.description == "Address already in use (98)")
    }

    @Test func `a closed socket frees its port`() throws {
        let first = try Socket<Pull>(in: context)
        let endpoint = try first.bind(.anyLoopbackPort)
        first.close()

        let second = try Socket<Pull>(in: context)
        // The listener is closed by the I/O thread a moment after the socket.
        try retrying { try second.bind(endpoint) == endpoint }
    }

    @Test func `a pusher finds its receiver again after the receiver was replaced`() throws {
        let push = try Socket<Push>(in: context)
        let first = try Socket<Pull>(in: context)
        let endpoint = try first.bind(.anyLoopbackPort)
        try push.connect(endpoint)
        try push.sendWhenReady([1])
        let before = try #require(try first.receiveWhenReady())
        #expect(before == [1])
        first.close()

        let second = try Socket<Pull>(in: context)
        try retrying { try second.bind(endpoint) == endpoint }
        // What is sent while the old connection dies may be lost: that is why outboxes exist.
        var received: [UInt8]?
        try retrying {
            try push.send([2])
            received =
                try second.wait(for: .readable, timeout: .milliseconds(50)) ? try second.receive()?.copiedBytes() : nil
            return received != nil
        }
        #expect(received == [2])
    }

    @Test func `a message over the limit cuts the sender off and the next one arrives`() throws {
        var options = SocketOptions.standard
        options.maximumMessageSize = 1000
        let pull = try Socket<Pull>(in: context, options: options)
        let push = try Socket<Push>(in: context)
        try push.connect(try pull.bind(.anyLoopbackPort))

        try push.sendWhenReady([UInt8](repeating: 1, count: 1001))
        var received: [UInt8]?
        try retrying {
            try push.send([2])
            received =
                try pull.wait(for: .readable, timeout: .milliseconds(50)) ? try pull.receive()?.copiedBytes() : nil
            return received != nil
        }
        #expect(received == [2])
    }

    @Test func `the high-water mark ends in false, not in loss`() throws {
        let pull = try Socket<Pull>(in: context, options: .standard.withHighWaterMark(1))
        let push = try Socket<Push>(in: context, options: .standard.withHighWaterMark(1))
        try push.connect(try pull.bind(.anyLoopbackPort))
        let payload = [UInt8](repeating: 3, count: 500_000)
        _ = try push.wait(for: .writable, timeout: .seconds(120))

        var accepted = 0
        repeat {
            while try push.send(payload) { accepted += 1 }
        } while try push.wait(for: .writable, timeout: .milliseconds(200))

        var received = 0
        while received < accepted, try pull.receiveWhenReady() != nil { received += 1 }
        #expect(accepted > 0)
        #expect(received == accepted)
        let isEmpty = try pull.receive() == nil
        #expect(isEmpty)
    }

    @Test func `a socket cannot be opened past the limit`() throws {
        let small = try Context(maximumSockets: 1)
        let first = try Socket<Pull>(in: small)
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket<Pull>(in: small) }
        #expect(error == .tooManySockets)
        first.close()
    }
}

extension Socket where Pattern: SendingPattern {
    func sendWhenReady(_ bytes: [UInt8]) throws {
        while try !send(bytes) {
            try #require(try wait(for: .writable, timeout: .seconds(120)), "no peer took the message")
        }
    }
}

extension Socket where Pattern: ReceivingPattern {
    func receiveWhenReady(timeout: Duration = .seconds(120)) throws -> [UInt8]? {
        guard try wait(for: .readable, timeout: timeout) else { return nil }
        return try receive()?.copiedBytes()
    }
}

/// Tries until the body is true, for effects of libzmq's I/O thread that nothing announces.
func retrying(for time: Duration = .seconds(120), _ body: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + time
    var lastError: (any Error)?
    while ContinuousClock.now < deadline {
        do {
            if try body() { return }
        } catch {
            lastError = error
        }
        usleep(5000)
    }
    Issue.record("gave up after \(time); last error: \(lastError.map { "\($0)" } ?? "none")")
}
