import LocalHTTP
import Support
import Testing

@Suite(.timeLimit(.minutes(30))) struct HTTPTests {
    @Test(arguments: [
        ("127.0.0.1:7100", "http://127.0.0.1:7100"), ("http://localhost:80/", "http://localhost:80"),
        ("[::1]:7100", "http://[::1]:7100"), ("https://x:1", nil), ("localhost", nil), ("::1:7100", nil), ("x:0", nil),
        ("x:70000", nil), (":80", nil), ("x/y:80", nil),
    ])
    func `addresses are read strictly`(text: String, expected: String?) {
        #expect(HTTPAddress(text)?.description == expected)
    }

    @Test func `query parameters are escaped`() {
        #expect(QueryString.encode([("a", "x y&z"), ("zone", "Europe/Berlin")]) == "?a=x%20y%26z&zone=Europe%2FBerlin")
        #expect(QueryString.encode([]).isEmpty)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi"),
        ("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", 503, ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n", 200, "hi!"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
    ])
    func `answers of every framing are read whole`(answer: String, status: Int, body: String) throws {
        let server = try ScriptedServer([[answer]])
        var connection = HTTPConnection(to: server.address, timeout: .seconds(300))
        let response = try connection.send(.get("/"))
        #expect(response.status == status)
        #expect(response.text == body)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", HTTPFailure.connectionLost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformedResponse),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformedResponse),
        ("SSH-2.0-OpenSSH_9.2\r\n", .malformedResponse), ("", .connectionLost),
    ])
    func `a broken answer is an error and never a short body`(answer: String, failure: HTTPFailure) throws {
        let server = try ScriptedServer([[answer]])
        #expect(throws: failure) {
            var connection = HTTPConnection(to: server.address, timeout: .seconds(300))
            _ = try connection.send(.get("/"))
        }
    }

    @Test func `a kept connection that was closed meanwhile is opened anew`() throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
        let server = try ScriptedServer([[answer + "a", answer + "b"], [answer + "c"]])
        var connection = HTTPConnection(to: server.address, timeout: .seconds(300))
        var bodies: [String] = []
        for _ in 0..<3 { bodies.append(try connection.send(.get("/")).text) }
        #expect(bodies == ["a", "b", "c"])
    }

    @Test func `silence ends with the time limit`() throws {
        let server = try ScriptedServer([[nil]])
        #expect(throws: HTTPFailure.timedOut) {
            var connection = HTTPConnection(to: server.address, timeout: .milliseconds(200))
            _ = try connection.send(.get("/"))
        }
    }

    @Test func `nobody there is told apart from a bad answer`() {
        let port = FreePorts.take(1)[0]
        #expect {
            var connection = HTTPConnection(to: HTTPAddress(port: port))
            _ = try connection.send(.get("/"))
        } throws: { error in
            "\(error)".contains("nothing answers at http://127.0.0.1:\(port)")
        }
    }
}
