/// A blocking HTTP/1.1 connection to one service: for a command or a test, one thread at a time.
///
/// Plain HTTP only, since services listen on loopback or inside a private network. The connection is kept open between
/// requests and made anew when the service has closed it.
public struct HTTPConnection: ~Copyable {
    /// The most bytes of an answer that are taken.
    public static let maximumResponseBytes = 256 * 1024 * 1024

    /// The service's address.
    public let address: HTTPAddress
    private let timeout: Duration
    private var stream: TCPStream?
    private var received: [UInt8] = []
    private var consumed = 0

    /// Makes a connection that opens with the first request.
    ///
    /// - Parameter timeout: The longest wait for the peer to take or send anything.
    public init(to address: HTTPAddress, timeout: Duration = .seconds(30)) {
        self.address = address
        self.timeout = timeout
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// A kept connection that turns out to be closed is opened anew once, so every request must be safe to repeat;
    /// Tollbook's are, because observations carry their identity.
    public mutating func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        let wasKept = stream != nil
        do throws(HTTPFailure) {
            return try exchange(request)
        } catch {
            stream = nil
            guard wasKept, error == .connectionLost else { throw error }
        }
        do throws(HTTPFailure) {
            return try exchange(request)
        } catch {
            stream = nil
            throw error
        }
    }

    private mutating func exchange(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        let head = try request.head(for: address)
        if stream == nil {
            received = []
            consumed = 0
            stream = try TCPStream(connectedTo: address, timeout: timeout)
        }
        try write(head + (request.body ?? []))
        var answer = try readHead()
        while (100..<200).contains(answer.status) { answer = try readHead() }
        let body = try readBody(answer, isHead: request.method == "HEAD")
        let closes = answer.header("connection")?.lowercased() == "close" || consumed < received.count
        if closes { stream = nil }
        return HTTPResponse(status: answer.status, headers: answer.headers, body: body)
    }

    /// A service may answer, with 413 for instance, and hang up before it has read everything: the answer counts then.
    private func write(_ bytes: [UInt8]) throws(HTTPFailure) {
        guard stream != nil else { throw .connectionLost }
        _ = try stream?.send(bytes)
    }

    private mutating func fill() throws(HTTPFailure) -> Bool {
        guard let bytes = try stream?.receive(limit: 64 * 1024) else { throw .connectionLost }
        guard !bytes.isEmpty else { return false }
        guard received.count - consumed <= Self.maximumResponseBytes else { throw .malformedResponse }
        if consumed == received.count {
            received = bytes
            consumed = 0
        } else {
            received += bytes
        }
        return true
    }

    private mutating func readLine() throws(HTTPFailure) -> String {
        var searched = consumed
        while true {
            if let newline = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var end = newline
                if end > consumed, received[end - 1] == UInt8(ascii: "\r") { end -= 1 }
                let line = String(decoding: received[consumed..<end], as: UTF8.self)
                consumed = newline + 1
                return line
            }
            let waiting = received.count - consumed
            guard waiting < 64 * 1024 else { throw .malformedResponse }
            guard try fill() else { throw .connectionLost }
            searched = consumed + waiting
        }
    }

    private mutating func readHead() throws(HTTPFailure) -> HTTPResponse {
        let parts = try readLine().split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw .malformedResponse
        }
        var headers: [(name: String, value: String)] = []
        while true {
            let line = try readLine()
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: ":"), headers.count < 256 else { throw .malformedResponse }
            let value = line[line.index(after: colon)...].trimmingPrefix { $0 == " " || $0 == "\t" }
            headers.append((line[..<colon].lowercased(), String(value)))
        }
        return HTTPResponse(status: status, headers: headers, body: [])
    }

    private mutating func readBody(_ head: HTTPResponse, isHead: Bool) throws(HTTPFailure) -> [UInt8] {
        if isHead || head.status == 204 || head.status == 304 { return [] }
        if head.header("transfer-encoding")?.lowercased().contains("chunked") == true { return try readChunks() }
        if let text = head.header("content-length") {
            guard let length = Int(text), (0...Self.maximumResponseBytes).contains(length) else {
                throw .malformedResponse
            }
            return try read(length)
        }
        while try fill() {}
        stream = nil
        defer { consumed = received.count }
        return Array(received[consumed...])
    }

    private mutating func readChunks() throws(HTTPFailure) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = try readLine().prefix { $0 != ";" }
            guard let length = Int(size, radix: 16), (0...Self.maximumResponseBytes - body.count).contains(length)
            else {
                throw .malformedResponse
            }
            if length == 0 { break }
            body += try read(length)
            guard try readLine().isEmpty else { throw .malformedResponse }
        }
        while try !readLine().isEmpty {}
        return body
    }

    private mutating func read(_ count: Int) throws(HTTPFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while true {
            let part = min(received.count - consumed, count - bytes.count)
            bytes += received[consumed..<consumed + part]
            consumed += part
            if bytes.count == count { return bytes }
            guard try fill() else { throw .connectionLost }
        }
    }
}
