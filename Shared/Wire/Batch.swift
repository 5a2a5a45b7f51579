/// One frame on a pipeline: events of one stream with contiguous sequence numbers.
///
///     {"v":1,"stream":"<producer uuid>","first":1234,"low":1200,"events":[ … ]}
///
/// Events stay bytes: plumbing numbers and moves them, only services read them.
public struct Batch: Sendable {
    /// The only envelope version this code reads and writes.
    public static let version: Int64 = 1
    /// The most events in one frame.
    public static let maximumEvents = 256
    /// The most bytes of events in one frame.
    public static let maximumBytes = 256 * 1024
    /// The most bytes of one event, checked before it enters an outbox.
    public static let maximumEventBytes = 64 * 1024

    /// The producer's stream.
    public let stream: String
    /// Sequence number of the first event, from 1; the others follow without a gap.
    public let first: Int64
    /// Oldest sequence number that the sender can still supply.
    public let low: Int64
    /// The frame's text; events are ranges of it.
    public let frame: [UInt8]
    /// Where each event's JSON text lies in `frame`.
    public let events: [Range<Int>]

    /// Sequence number of the last event, `first - 1` when there is none.
    public var last: Int64 { first + Int64(events.count) - 1 }

    /// A reader over one event, without a copy.
    public func reader(_ index: Int) -> JSONReader {
        JSONReader(frame, in: events[index])
    }

    /// One event's bytes.
    public func bytes(_ index: Int) -> ArraySlice<UInt8> {
        frame[events[index]]
    }

    /// Reads a frame.
    ///
    /// - Throws: `BatchError.unsupportedVersion` for another envelope version, `.malformed` for anything else.
    public init(decoding frame: [UInt8]) throws(BatchError) {
        var version: Int64?
        var stream: String?
        var first: Int64?
        var low: Int64?
        var events: [Range<Int>] = []
        do throws(JSONError) {
            var json = JSONReader(frame)
            try json.object { key, json throws(JSONError) in
                switch key {
                case "v": version = try json.int64()
                case "stream": stream = try json.string()
                case "first": first = try json.int64()
                case "low": low = try json.int64()
                case "events":
                    try json.array { json throws(JSONError) in events.append(try json.raw()) }
                default: try json.skip()
                }
            }
            try json.finish()
        } catch {
            throw .malformed(error)
        }
        guard let version else { throw .malformed(JSONError(.missingMember, at: 0, member: "v")) }
        guard version == Self.version else { throw .unsupportedVersion(version) }
        guard let stream, !stream.isEmpty, stream.utf8.count <= 64 else {
            throw .malformed(JSONError(.missingMember, at: 0, member: "stream"))
        }
        guard let first, first >= 1, first < Int64.max - Int64(events.count) else {
            throw .malformed(JSONError(.missingMember, at: 0, member: "first"))
        }
        guard let low, low >= 1, low <= first else {
            throw .malformed(JSONError(.missingMember, at: 0, member: "low"))
        }
        self.stream = stream
        self.first = first
        self.low = low
        self.frame = frame
        self.events = events
    }

    /// Writes a frame around events that already are JSON text.
    public static func encode(
        stream: String, first: Int64, low: Int64, events: some Sequence<some Collection<UInt8>>
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.member("v", version)
            json.member("stream", stream)
            json.member("first", first)
            json.member("low", low)
            json.key("events")
            json.array { json in
                for event in events { json.raw(event) }
            }
        }
        return json.bytes
    }
}

/// Why a frame could not be read.
public enum BatchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The envelope has a version that this build does not know.
    case unsupportedVersion(Int64)
    /// The frame is not a batch.
    case malformed(JSONError)

    /// One line that names the fault and, for a version, what to do.
    public var description: String {
        switch self {
        case .unsupportedVersion(let version):
            "batch version \(version) is not supported (this build reads version \(Batch.version)); "
                + "run the same release of every Tollbook service"
        case .malformed(let error): "malformed batch: \(error)"
        }
    }
}
