import Foundation
import Synchronization
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct CurveGateTests {
    private let context: Context
    private let server: CurveKeyPair
    private let friend: CurveKeyPair
    private let stranger: CurveKeyPair

    init() throws {
        context = try Context()
        server = try .generate()
        friend = try .generate()
        stranger = try .generate()
    }

    private var friends: CurveClients { CurveClients(domain: "work", users: [friend.publicKey: "friend"]) }

    /// How long to look for what must not come; what is to come is waited for.
    private static let glance = Duration.milliseconds(700)

    /// What reaches a guarded socket from a client with these keys.
    private func received(
        from keys: CurveKeyPair, gate: CurveGate?, within patience: Duration = .seconds(120)
    ) throws -> [UInt8]? {
        if let gate { open(gate) }
        defer { gate?.close() }
        var options = SocketOptions.standard
        options.curve = .server(secretKey: server.secretKey, allowing: friends)
        let pull = try Socket<Pull>(in: context, options: options)
        let endpoint = try pull.bind(.anyLoopbackPort)
        var mine = SocketOptions.standard
        mine.curve = .client(serverKey: server.publicKey, keys: keys)
        let push = try Socket<Push>(in: context, options: mine)
        try push.connect(endpoint)
        guard try push.wait(for: .writable, timeout: patience) else { return nil }
        try push.send([7])
        return try pull.receiveWhenReady(timeout: patience)
    }

    private func open(_ gate: CurveGate) {
        let isOpen = DispatchSemaphore(value: 0)
        let context = context
        Thread.detachNewThread { gate.serve(in: context) { isOpen.signal() } }
        isOpen.wait()
    }

    @Test func `a client on the list gets through`() throws {
        #expect(try received(from: friend, gate: CurveGate(allowing: friends)) == [7])
    }

    @Test func `a client with keys of its own that are not on the list does not`() throws {
        #expect(try received(from: stranger, gate: CurveGate(allowing: friends), within: Self.glance) == nil)
    }

    @Test func `without a gate nobody gets through`() throws {
        #expect(try received(from: friend, gate: nil, within: Self.glance) == nil)
    }

    @Test func `a key that is added later gets through`() throws {
        let gate = CurveGate(allowing: CurveClients(domain: "work", users: [:]))
        gate.allow(friends)
        #expect(try received(from: friend, gate: gate) == [7])
    }

    @Test func `a key that opens one kind of socket does not open another`() throws {
        let gate = CurveGate(allowing: CurveClients(domain: "play", users: friends.users))
        #expect(try received(from: friend, gate: gate, within: Self.glance) == nil)
    }
}
