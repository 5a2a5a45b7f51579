import Wire

/// Writes events in the form that browsers' `EventSource` reads (`text/event-stream`).
public struct ServerSentEvents: Sendable {
    /// The text written so far.
    public private(set) var bytes: [UInt8] = []

    /// Starts an empty text.
    public init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Adds an event; a reader that comes back names the number of the last one it saw.
    ///
    /// - Parameter data: JSON text; line breaks in it can only be space between members.
    public mutating func add(_ name: StaticString, number: Int64? = nil, data: [UInt8]) {
        if let number { bytes += "id: \(number)\n".utf8 }
        bytes += "event: \(name)\ndata: ".utf8
        bytes += data.lazy.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
        bytes += "\n\n".utf8
    }

    /// Adds an event of the stream itself, which says where the ledger is.
    public mutating func add(_ name: StaticString, epoch: String, sequence: Int64, reason: String? = nil) {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.member("reason", reason)
        }
        add(name, data: json.bytes)
    }

    /// Tells the reader how long to wait before it comes back.
    public mutating func add(retryMilliseconds: Int) {
        bytes += "retry: \(retryMilliseconds)\n\n".utf8
    }
}
