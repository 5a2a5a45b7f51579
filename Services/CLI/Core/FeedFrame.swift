public import Wire

/// One frame of the feed: a topic, then JSON.
public struct FeedFrame: Hashable, Sendable {
    /// What the frame says.
    public enum Kind: Hashable, Sendable {
        /// A change of the ledger.
        case change
        /// How far the ledger is: a welcome or a heartbeat.
        case position
    }

    /// What the frame says.
    public let kind: Kind
    /// The epoch of its number.
    public let epoch: String
    /// The change's number, or the ledger's last.
    public let sequence: Int64
    /// The JSON text.
    public let json: [UInt8]

    /// The topic prefix of everything the feed sends.
    public static let topicPrefix = "tollbook.v1."

    /// Reads a frame.
    ///
    /// - Throws: `JSONError` when there is no JSON object of ours after the topic.
    public init(_ frame: [UInt8]) throws(JSONError) {
        guard let start = frame.firstIndex(of: UInt8(ascii: "{")) else {
            throw JSONError(.unexpectedEnd, at: frame.count)
        }
        try self.init(json: Array(frame[start...]))
    }

    /// Reads a change, a welcome or a heartbeat.
    public init(json text: [UInt8]) throws(JSONError) {
        var epoch: String?
        var sequence: Int64?
        var kind = Kind.position
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "epoch": epoch = try json.string()
            case "seq": sequence = try json.int64()
            case "charge":
                kind = .change
                try json.skip()
            default: try json.skip()
            }
        }
        try json.finish()
        guard let epoch else { throw JSONError(.missingMember, at: 0, member: "epoch") }
        guard let sequence else { throw JSONError(.missingMember, at: 0, member: "seq") }
        self.kind = kind
        self.epoch = epoch
        self.sequence = sequence
        self.json = text
    }
}
