import Glibc
public import LocalHTTP

/// A reader of server-sent events over a connection of its own.
public struct EventReader: ~Copyable {
    /// The status of the answer.
    public let status: Int
    private let stream: TCPStream
    /// What has come and is not yet an event.
    private var text: [UInt8] = []
    /// What has come and is not yet taken out of its chunks.
    private var raw: [UInt8]
    private var hasEnded = false

    /// One event.
    public struct Event: Hashable, Sendable {
        /// The name, such as `change`.
        public var name = "message"
        /// The number it can be resumed after.
        public var number: Int64?
        /// The data, JSON text.
        public var data = ""
    }

    /// Asks for events and reads the answer's head.
    ///
    /// - Parameters:
    ///   - query: The query part, such as `after=7`.
    ///   - lastEvent: The number of the last event seen, as a browser sends it.
    ///   - secret: The key to show.
    ///   - timeout: How long nothing may come before reading fails.
    ///   - buffer: How many bytes the system may keep for a reader that does not read.
    public init(
        _ address: HTTPAddress, query: String = "", lastEvent: Int64? = nil, secret: String? = nil,
        timeout: Duration = .seconds(600),
        buffer: Int32? = nil
    ) throws {
        let connection = try TCPStream(connectedTo: address, timeout: timeout, receiveBuffer: buffer)
        var head = "GET /v1/events\(query.isEmpty ? "" : "?" + query) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        if let lastEvent { head += "Last-Event-ID: \(lastEvent)\r\n" }
        if let secret { head += "Authorization: Bearer \(secret)\r\n" }
        _ = try connection.send(Array((head + "\r\n").utf8))
        var bytes: [UInt8] = []
        var end = bytes.firstIndex(ofSequence: Self.headEnd)
        while end == nil {
            let more = try connection.receive(limit: 65_536)
            guard !more.isEmpty else { throw SupportFailure("the service closed the connection unasked") }
            bytes += more
            end = bytes.firstIndex(ofSequence: Self.headEnd)
        }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
        raw = Array(bytes.dropFirst((end ?? 0) + Self.headEnd.count))
        stream = connection
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let eventEnd = Array("\n\n".utf8)

    /// The next event; `nil` once the service has ended the stream.
    ///
    /// - Throws: `HTTPFailure.timedOut` when nothing comes in time.
    public mutating func next() throws(HTTPFailure) -> Event? {
        while true {
            unchunk()
            if let end = text.firstIndex(ofSequence: Self.eventEnd) {
                let lines = String(decoding: text[..<end], as: UTF8.self)
                text.removeSubrange(..<(end + Self.eventEnd.count))
                if let event = Self.event(lines) { return event }
                continue
            }
            guard !hasEnded else { return nil }
            let more: [UInt8]
            do throws(HTTPFailure) {
                more = try stream.receive(limit: 65_536)
            } catch .connectionLost {
                more = []
            }
            if more.isEmpty { hasEnded = true } else { raw += more }
        }
    }

    /// The next change; `nil` once the service has ended the stream.
    public mutating func nextChange() throws(HTTPFailure) -> Event? {
        while let event = try next() {
            if event.name == "change" { return event }
        }
        return nil
    }

    private mutating func unchunk() {
        while let lineEnd = raw.firstIndex(of: UInt8(ascii: "\n")) {
            let size = String(decoding: raw[..<lineEnd].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            guard let count = Int(size, radix: 16) else {
                hasEnded = true
                return
            }
            guard count > 0 else {
                hasEnded = true
                raw = []
                return
            }
            let start = lineEnd + 1
            guard raw.count >= start + count + 2 else { return }
            text += raw[start..<start + count]
            raw.removeSubrange(..<(start + count + 2))
        }
    }

    private static func event(_ lines: String) -> Event? {
        var event = Event()
        var isEvent = false
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0) }
            guard parts.count == 2 else { continue }
            let value = parts[1].hasPrefix(" ") ? String(parts[1].dropFirst()) : parts[1]
            switch parts[0] {
            case "id": event.number = Int64(value)
            case "event":
                event.name = value
                isEvent = true
            case "data":
                event.data += value
                isEvent = true
            default: break
            }
        }
        return isEvent ? event : nil
    }
}

extension [UInt8] {
    fileprivate func firstIndex(ofSequence wanted: [UInt8]) -> Int? {
        withUnsafeBytes { all in
            guard let base = all.baseAddress, let head = wanted.first else { return nil }
            var start = 0
            while start + wanted.count <= all.count {
                guard let found = memchr(base + start, Int32(head), all.count - start - wanted.count + 1) else {
                    return nil
                }
                start = UnsafeRawPointer(found) - base
                if wanted.indices.allSatisfy({ all[start + $0] == wanted[$0] }) { return start }
                start += 1
            }
            return nil
        }
    }
}
