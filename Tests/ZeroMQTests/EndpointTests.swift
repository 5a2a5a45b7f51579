import Testing
import ZeroMQ

struct EndpointTests {
    @Test(arguments: [
        "tcp://127.0.0.1:7101", "tcp://*:7101", "tcp://localhost:1", "tcp://dedupe:65535", "tcp://[::1]:7101",
        "tcp://tollbook-dedupe.internal:7101", "tcp://127.0.0.1:*", "inproc://feed",
    ])
    func `valid endpoints are taken as they are`(text: String) {
        #expect(Endpoint(text)?.description == text)
    }

    @Test(arguments: [
        "", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:+80", "tcp://127.0.0.1:port", "tcp://:7101", "tcp://::1:7101", "tcp://a b:1", "tcp://a/b:1",
        "ipc:///run/feed", "udp://127.0.0.1:1", "127.0.0.1:7101", "inproc://", "tcp://host:99999999999999999999",
    ])
    func `anything else is refused`(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test(arguments: [
        ("tcp://127.0.0.1:1", true), ("tcp://127.8.8.8:1", true), ("tcp://localhost:1", true), ("tcp://[::1]:1", true),
        ("inproc://x", true), ("tcp://0.0.0.0:1", false), ("tcp://*:1", false), ("tcp://10.0.0.1:1", false),
        ("tcp://localhost.example:1", false), ("tcp://[::]:1", false), ("tcp://127.example.org:1", false),
    ])
    func `loopback is told apart`(text: String, isLoopback: Bool) throws {
        #expect(try #require(Endpoint(text)).isLoopback == isLoopback)
    }

    @Test func `the port is read`() {
        #expect(Endpoint("tcp://[::1]:7101")?.port == 7101)
        #expect(Endpoint.anyLoopbackPort.port == nil)
        #expect(Endpoint.inproc("x").port == nil)
    }
}
