public import Metering
public import Wire

/// The answer of `/v1/blocks`.
public struct BlockPage: Hashable, Sendable {
    /// The blocks, oldest first.
    public let blocks: [UsageBlock]
    /// When the service answered.
    public let now: Timestamp

    /// Makes an answer.
    public init(blocks: [UsageBlock], now: Timestamp) {
        self.blocks = blocks
        self.now = now
    }

    /// Reads an answer.
    public init(json text: [UInt8]) throws(JSONError) {
        var blocks: [UsageBlock] = []
        var now: Timestamp?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "blocks": try json.array { json throws(JSONError) in blocks.append(try json.block()) }
            case "now": now = try json.timestamp()
            default: try json.skip()
            }
        }
        try json.finish()
        guard let now else { throw JSONError(.missingMember, at: 0, member: "now") }
        self.init(blocks: blocks, now: now)
    }
}

extension JSONReader {
    fileprivate mutating func block() throws(JSONError) -> UsageBlock {
        var block = UsageBlock(start: Timestamp(seconds: 0), end: Timestamp(seconds: 0))
        try object { key, json throws(JSONError) in
            switch key {
            case "start": block.start = try json.timestamp()
            case "end": block.end = try json.timestamp()
            case "first_activity": block.firstActivity = try json.timestamp()
            case "last_activity": block.lastActivity = try json.timestamp()
            case "active": block.isActive = try json.bool()
            case "models": try json.array { json throws(JSONError) in block.models.append(try json.string()) }
            default: try json.readFigure(key, into: &block.figures)
            }
        }
        return block
    }
}
