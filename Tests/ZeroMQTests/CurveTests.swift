import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(30)))
struct CurveTests {
    let context: Context
    let server: CurveKeyPair
    let client: CurveKeyPair

    init() throws {
        context = try Context()
        server = try .generate()
        client = try .generate()
    }

    @Test func `a client that knows the server's key gets through`() throws {
        let pull = try bound()
        let push = try pushing(to: pull.endpoint, expecting: server.publicKey)
        try push.sendWhenReady([1, 2])
        let received = try #require(try pull.socket.receiveWhenReady())
        #expect(received == [1, 2])
    }

    @Test func `a client that expects another server does not`() throws {
        let pull = try bound()
        let push = try pushing(to: pull.endpoint, expecting: client.publicKey)
        let isWritable = try push.wait(for: .writable, timeout: .milliseconds(500))
        #expect(!isWritable)
    }

    @Test func `a client without keys does not`() throws {
        let pull = try bound()
        let push = try Socket<Push>(in: context)
        try push.connect(pull.endpoint)
        try push.send([1])
        let received = try pull.socket.receiveWhenReady(timeout: .milliseconds(500))
        #expect(received == nil)
    }

    @Test func `keys are checked and never described`() throws {
        #expect(CurveKey(server.publicKey.text) == server.publicKey)
        #expect(CurveKey("short") == nil)
        #expect(CurveKey(String(repeating: "\"", count: 40)) == nil)
        #expect("\(server)".contains(server.secretKey.text) == false)
        #expect("\(server.secretKey)" == "***")
    }

    private struct Bound: ~Copyable {
        let socket: Socket<Pull>
        let endpoint: Endpoint
    }

    private func bound() throws -> Bound {
        var options = SocketOptions.standard
        options.curve = .server(secretKey: server.secretKey)
        let socket = try Socket<Pull>(in: context, options: options)
        let endpoint = try socket.bind(.anyLoopbackPort)
        return Bound(socket: socket, endpoint: endpoint)
    }

    private func pushing(to endpoint: Endpoint, expecting key: CurveKey) throws -> Socket<Push> {
        var options = SocketOptions.standard
        options.curve = .client(serverKey: key, keys: client)
        let push = try Socket<Push>(in: context, options: options)
        try push.connect(endpoint)
        return push
    }
}
