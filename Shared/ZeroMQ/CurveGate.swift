import CZeroMQ
import Synchronization

/// Says which CURVE clients may connect to the guarded sockets of one context (ZAP, ZeroMQ RFC 27).
///
/// A guarded socket whose context has no gate lets nobody in.
public final class CurveGate: Sendable {
    /// The users by domain and key.
    private let allowed = Mutex<[String: [CurveKey: String]]>([:])
    private let isClosed = Atomic<Bool>(false)

    /// Makes a gate that lets these clients through.
    public init(allowing clients: CurveClients) {
        allow(clients)
    }

    /// Lets further clients through.
    public func allow(_ clients: CurveClients) {
        allowed.withLock { $0[clients.domain, default: [:]].merge(clients.users) { $1 } }
    }

    /// Ends ``serve(in:onOpen:)``.
    public func close() {
        isClosed.store(true, ordering: .releasing)
    }

    /// Answers whoever asks in a context, until the gate or the context is closed; for a thread of its own.
    ///
    /// - Parameter onOpen: called once, when the first question can be asked or when none ever can.
    public func serve(in context: Context, onOpen: () -> Void) {
        do throws(ZeroMQError) {
            var mustTell = true
            defer { if mustTell { onOpen() } }
            let doorway = try Doorway.open(in: context)
            mustTell = false
            onOpen()
            while !isClosed.load(ordering: .acquiring) {
                try doorway.answer { domain, key in allowed.withLock { $0[domain]?[key] } }
            }
        } catch {
            // Nobody is let in any more: that is what a socket without a gate does.
        }
    }
}

/// Where libzmq asks for admission.
private struct Doorway: ~Copyable {
    private let socket: Socket<Reply>

    private init(_ socket: consuming Socket<Reply>) {
        self.socket = socket
    }

    static func open(in context: Context) throws(ZeroMQError) -> Doorway {
        let socket = try Socket<Reply>(in: context)
        let handle = unsafe socket.handle
        // libzmq looks for its judge at this address and no other.
        _ = try ZeroMQError.check { unsafe zmq_bind(handle, "inproc://zeromq.zap.01") }
        unsafe try setOption(ZMQ_RCVTIMEO, Int32(250), of: handle)
        return Doorway(socket)
    }

    /// Answers one question, or returns after a quarter of a second without one.
    ///
    /// - Parameter user: what the holder of a key is called in a domain; `nil` where the key does not open it.
    func answer(_ user: (_ domain: String, CurveKey) -> String?) throws(ZeroMQError) {
        guard let frames = try receive(), frames.count >= 2 else { return }
        let name = Self.user(asking: frames, user)
        let verdict = name != nil ? ("200", "OK") : ("400", "this key is not allowed here")
        try send([
            frames[0], frames[1], Array(verdict.0.utf8), Array(verdict.1.utf8), Array((name ?? "").utf8), [],
        ])
    }

    /// Version, request, domain, address, identity, mechanism and key are the parts of a question.
    private static func user(asking frames: [[UInt8]], _ user: (_ domain: String, CurveKey) -> String?) -> String? {
        guard frames.count >= 7, frames[0].elementsEqual("1.0".utf8), frames[5].elementsEqual("CURVE".utf8),
            let key = CurveKey(bytes: frames[6])
        else { return nil }
        return user(String(decoding: frames[2], as: UTF8.self), key)
    }

    private func receive() throws(ZeroMQError) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        repeat {
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = try ZeroMQError.attempt { unsafe zmq_recv(socket.handle, &buffer, 512, 0) }
            guard let count else { return nil }
            frames.append(Array(buffer.prefix(Int(count))))
        } while try hasMore()
        return frames
    }

    private func hasMore() throws(ZeroMQError) -> Bool {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        _ = try ZeroMQError.check { unsafe zmq_getsockopt(socket.handle, ZMQ_RCVMORE, &value, &size) }
        return value != 0
    }

    private func send(_ frames: [[UInt8]]) throws(ZeroMQError) {
        for (index, frame) in frames.enumerated() {
            let flags = index < frames.count - 1 ? ZMQ_SNDMORE : 0
            _ = try ZeroMQError.check { unsafe zmq_send(socket.handle, frame, frame.count, flags) }
        }
    }
}

/// Answers one question after the other.
enum Reply: SocketPattern {
    /// libzmq\'s `ZMQ_REP`.
    static var kind: Int32 { ZMQ_REP }
}
