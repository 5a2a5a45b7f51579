import Wire

/// "Everything of this stream up to here is committed": what a durable stage publishes, cumulative and repeated.
///
/// On the wire one frame: the topic `ack/<stream>/`, then `{"v":1,"w":1233}`.
public struct Watermark: Hashable, Sendable {
    /// The stream it speaks of.
    public let stream: StreamID
    /// The last number committed; 0 for none.
    public let through: SequenceNumber

    /// Makes a watermark.
    public init(stream: StreamID, through: SequenceNumber) {
        self.stream = stream
        self.through = through
    }

    /// What a sender subscribes to: its fixed length and last slash keep one stream from being another's prefix.
    public static func topic(for stream: StreamID) -> String {
        "ack/\(stream)/"
    }

    /// The frame.
    public func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 32)
        json.object { json in
            json.member("v", Batch.version)
            json.member("w", through)
        }
        return Array(Self.topic(for: stream).utf8) + json.bytes
    }

    /// Reads a frame.
    ///
    /// - Returns: nil for a frame that is not a watermark of this version; the next one will say the same again.
    public init?(decoding frame: [UInt8]) {
        let prefix = Array("ack/".utf8)
        guard frame.starts(with: prefix) else { return nil }
        let rest = frame[prefix.count...]
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")),
            let stream = StreamID(String(decoding: rest[..<slash], as: UTF8.self)),
            let through = try? Self.readBody(JSONReader(copying: rest[(slash + 1)...]))
        else { return nil }
        self.init(stream: stream, through: through)
    }

    private static func readBody(_ reader: JSONReader) throws(JSONError) -> SequenceNumber? {
        var reader = reader
        var version: Int64?
        var through: SequenceNumber?
        try reader.object { key, json throws(JSONError) in
            switch key {
            case "v": version = try json.int64()
            case "w": through = try json.int64()
            default: try json.skip()
            }
        }
        try reader.finish()
        guard version == Batch.version, let through, through >= 0 else { return nil }
        return through
    }
}
