/// One request to a service.
public struct HTTPRequest: Sendable {
    /// The method, such as `GET`.
    public var method: String
    /// Path and query, percent-encoded.
    public var target: String
    /// Header fields besides `Host`, `Content-Length` and `Connection`, which are written from the rest.
    public var headers: [(name: String, value: String)]
    /// The body; `nil` writes no `Content-Length`.
    public var body: [UInt8]?
    /// Whether the key of the command is shown, if it has one.
    public var showsKey = true

    /// Makes a request.
    public init(_ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil)
    {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// A request without a body.
    public static func get(_ target: String) -> HTTPRequest { HTTPRequest("GET", target) }

    /// Asks whether a service is ready, which needs no key.
    public static var readiness: HTTPRequest {
        var request = get("/readyz")
        request.showsKey = false
        return request
    }

    /// A request with a body of a content type.
    public static func post(
        _ target: String, _ contentType: String, _ body: [UInt8], headers: [(name: String, value: String)] = []
    ) -> HTTPRequest {
        HTTPRequest("POST", target, headers: [("Content-Type", contentType)] + headers, body: body)
    }

    func head(for address: HTTPAddress) throws(HTTPFailure) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if showsKey, let authorization = try ClientKey.authorization.get() {
            text += "Authorization: \(authorization)\r\n"
        }
        if let body { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8)
    }
}

/// What a service answered.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// Header fields in the order received, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The body, its transfer coding undone.
    public let body: [UInt8]

    /// The first value of a header, asked for in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// The body as text; invalid UTF-8 is replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the status says success.
    public var isSuccess: Bool { (200..<300).contains(status) }
}

/// Percent-encoding of query parameters.
public enum QueryString {
    /// Joins parameters as `?a=1&b=2`; empty when there are none.
    public static func encode(_ parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return "" }
        return "?" + parameters.map { "\(escape($0.name))=\(escape($0.value))" }.joined(separator: "&")
    }

    /// Escapes everything but unreserved characters (RFC 3986), so that it fits in a path segment or a query.
    public static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(byte)
            default:
                escaped += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
