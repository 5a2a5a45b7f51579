import LocalHTTP
import Testing

@Suite struct HTTPTests {
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
}
