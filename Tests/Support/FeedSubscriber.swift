import ZeroMQ

/// A subscriber that applies every change the feed brings and asks nobody else.
public struct FeedSubscriber: ~Copyable {
    /// What the changes so far add up to.
    public private(set) var view: LedgerView
    private let socket: Socket<Subscribe>

    /// Subscribes, and waits until the feed answers.
    public init(to endpoint: String, timeout: Duration = .seconds(120)) throws {
        socket = try Self.connected(to: endpoint, timeout: timeout)
        view = LedgerView()
    }

    /// The changes, as JSON text, that come within a time; it returns with the first of them.
    public mutating func changes(within time: Duration) throws -> [[UInt8]] {
        guard try socket.wait(for: .readable, timeout: time) else { return [] }
        var changes: [[UInt8]] = []
        while let message = try socket.receive() {
            let frame = message.copiedBytes()
            guard let brace = frame.firstIndex(of: UInt8(ascii: "{")) else { continue }
            let body = Array(frame[brace...])
            if body.isChange { changes.append(body) }
        }
        return changes
    }

    private static func connected(to endpoint: String, timeout: Duration) throws -> Socket<Subscribe> {
        guard let endpoint = Endpoint(endpoint) else { throw SupportFailure("\(endpoint) is no endpoint") }
        let socket = try Socket<Subscribe>(in: Context())
        try socket.subscribe(to: "tollbook.v1.")
        try socket.connect(endpoint)
        guard try socket.wait(for: .readable, timeout: timeout) else {
            throw SupportFailure("the feed sent neither welcome nor heartbeat")
        }
        return socket
    }

    /// Applies changes until one has this number.
    public mutating func follow(until sequence: Int64, timeout: Duration = .seconds(120)) throws {
        let deadline = ContinuousClock.now + timeout
        while view.sequence < sequence {
            guard ContinuousClock.now < deadline else {
                throw SupportFailure("the feed ended at change \(view.sequence) of \(sequence)")
            }
            guard try socket.wait(for: .readable, timeout: .milliseconds(200)) else { continue }
            while let message = try socket.receive() {
                let frame = message.copiedBytes()
                guard let brace = frame.firstIndex(of: UInt8(ascii: "{")) else { continue }
                let body = Array(frame[brace...])
                if body.isChange { try view.apply(body) }
            }
        }
    }
}

extension [UInt8] {
    /// Whether the text is a change rather than a welcome or a heartbeat.
    fileprivate var isChange: Bool {
        String(decoding: self, as: UTF8.self).contains("\"charge\":")
    }
}
